"""The history of the schema, for Alembic. `versions/` is frozen once released: a change is a new
file.
"""
