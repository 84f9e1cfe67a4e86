"""The forms of the counsellor's desk, by noun."""
