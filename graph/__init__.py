"""The model, the store, and everything that is computed from statements."""
