"""Who agrees with whom: networks, agreement, conflict and camps, computed from the statements of a debate."""
