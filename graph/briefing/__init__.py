"""Sourced, balanced briefings: the findings, each with the statements that support it."""
