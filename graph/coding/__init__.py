"""Hand coding: tables and Discourse Network Analyzer files in and out, and how far coders agree."""
