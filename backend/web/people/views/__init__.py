"""The counsellor's pages, by noun."""
