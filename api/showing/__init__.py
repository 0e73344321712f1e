"""How things are shown: templates, wording, labels, addresses and marked text."""
