"""spaCy components that mark the text: paragraphs, quotations, turns, names of actors and reforms."""
