"""Durable follow-up work: what happens after a fact, in its own thread, whatever dies in between.

A flow sees its ports and nothing else: no store, no provider and no DBOS. Only `engine.py`,
`runner.py` and `housekeeping.py` know DBOS; only `database.py` knows SQLAlchemy.
"""
