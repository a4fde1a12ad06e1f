"""Messengers: one file per way to reach a person's phone in writing."""
