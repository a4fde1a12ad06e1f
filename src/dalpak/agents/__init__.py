"""Agents: who decides what to say. They know a call's tools, language and state, no more."""
