"""Terms, vocabulary and triples: how the model is written as RDF, and how SPARQL text is checked before it runs."""
