"""Store triples: Oxigraph in a folder or any SPARQL 1.1 server, with formats, migration and caches."""
