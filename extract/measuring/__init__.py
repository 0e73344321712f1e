"""Compare extraction with annotations, explain its decisions, and fit its weights."""
