"""How often an address may be wrong about a token: whoever tries them out is made to wait."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from graph.errors import TooManyAttempts

WINDOW = 300.0
"""Seconds for which a wrong token counts."""
ADDRESSES = 10_000
"""Addresses that are remembered at the most; the longest silent are forgotten first."""


class Attempts:
    """The wrong tokens of the last minutes, by the address that they came from."""

    def __init__(self, at_most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_most = at_most
        self._clock = clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Raises TooManyAttempts where an address has to wait: also for a right token, or trying would go on."""
        with self._lock:
            times = self._recent(network(address))
            if len(times) >= self._at_most:
                raise TooManyAttempts(int(times[0] + WINDOW - self._clock()) + 1)

    def failed(self, address: str) -> None:
        """A token of nobody came from this address."""
        with self._lock:
            name = network(address)
            times = self._recent(name)
            times.append(self._clock())
            self._failed[name] = times
            self._failed.move_to_end(name)
            while len(self._failed) > ADDRESSES:
                self._failed.popitem(last=False)

    def _recent(self, name: str) -> deque[float]:
        times = self._failed.get(name, deque())
        while times and times[0] <= self._clock() - WINDOW:
            times.popleft()
        return times


def network(address: str) -> str:
    """What one person has: an address, of IPv6 a network of 64 bits."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))
