"""Questions that pages ask of the graph: statements, positions, actors, reforms and articles, by filter and page."""
