"""What every request passes: limits, users, cached answers, versions, health."""
