"""Every way in: HTTP, pages, SPARQL and the command line."""
