"""Simulated callers over text: goals, paraphrases, misheard words, and a grade from the database.

A caller knows what it wants and what it was told, nothing else; whether it got it is read from the
rows that are left. The front desk it talks to is handed in through `stage.py`.
"""
