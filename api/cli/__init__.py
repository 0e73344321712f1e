"""The command line `positions`: one file for each group of verbs."""
