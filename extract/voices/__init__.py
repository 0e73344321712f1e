"""Who says what: which stretches of text are in whose voice."""
