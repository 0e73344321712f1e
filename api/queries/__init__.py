"""Queries run in processes of their own, with limits on time, rows and memory."""
