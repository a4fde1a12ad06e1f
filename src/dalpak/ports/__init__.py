"""Ports: the Protocols between what decides and what does. No code that does anything."""
