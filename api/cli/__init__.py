"""The command line `positions`: one file for each group of verbs, registered in `main.py` in the order of the flow."""
