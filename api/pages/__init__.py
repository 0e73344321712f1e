"""The pages for people; each shows one profile."""
