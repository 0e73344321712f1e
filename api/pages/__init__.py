"""The pages for people: each a profile, shown."""
