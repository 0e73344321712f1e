"""Limit wrong tokens by address: a client that tries many has to wait."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from graph.errors import TooManyAttempts

WINDOW = 300.0
"""Seconds for which a wrong token counts against an address."""
ADDRESSES = 10_000
"""The most addresses that are remembered; those silent for longest are forgotten first."""


class Attempts:
    """The wrong tokens of the last minutes, by address."""

    def __init__(self, at_most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_most = at_most
        self._clock = clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Raises TooManyAttempts if the address has to wait, also with a correct token, so that guessing ends."""
        with self._lock:
            times = self._recent(network(address))
            if len(times) >= self._at_most:
                raise TooManyAttempts(int(times[0] + WINDOW - self._clock()) + 1)

    def failed(self, address: str) -> None:
        """Count an unknown token from this address."""
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
    """The addresses that one client can have: one of IPv4, also when written as IPv6; a network of 64 bits of IPv6."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))
