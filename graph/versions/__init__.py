"""Numbered copies of the graph after each build, and backups of the whole graph in one file."""
