"""A synthetic programme, made from one seed: for demonstrations, for measurements, and never beside real people.

Each module makes the rows of one noun; `programme.build` lets them meet and `rows.Rows.save` writes them.
"""
