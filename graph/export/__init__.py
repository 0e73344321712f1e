"""The graph as files: RDF, tables, and a data set that can be cited."""
