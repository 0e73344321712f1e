"""One module a format: the bytes of a document become its text, and what it says of itself."""
