"""Run extraction over many documents: worker processes, a Dask cluster, a journal to resume from."""
