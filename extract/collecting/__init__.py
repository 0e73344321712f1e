"""Bring documents into a domain: copy, fetch, name, date, and recognise duplicates."""
