"""Decide which reform a passage is about, which side it takes, on which grounds, and its confidence."""
