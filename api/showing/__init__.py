"""Templates, wording, labels, addresses and marked text for the pages."""
