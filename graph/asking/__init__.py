"""Plain questions and stored SPARQL questions, answered from the graph."""
