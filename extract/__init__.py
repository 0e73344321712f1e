"""Documents to statements: the only package that needs spaCy."""
