"""The store: `ports/store.py` on SQLite or PostgreSQL. The only package that knows SQL."""
