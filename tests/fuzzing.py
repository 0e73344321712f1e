"""How many made-up inputs a test tries: few in each run of the tests, as many as asked for in a long one.

`python benchmarks/fuzz.py readers` is the long one.
"""

import os

from hypothesis import HealthCheck, settings

LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
"""Number of inputs for each test in a long run; 0 in a short run."""


def tries(short: int) -> settings:
    """So many inputs in a short run: the same ones each time, so that a change alone makes a difference."""
    return settings(
        max_examples=LONG or short,
        deadline=None,
        derandomize=not LONG,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


# For tests that set no number.
settings.register_profile("long", tries(100))
