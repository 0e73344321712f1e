"""A policy area as a folder of tables: read, checked, edited in place, and exchanged as SKOS."""
