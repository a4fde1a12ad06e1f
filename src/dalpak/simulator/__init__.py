"""Simulated callers, providers and wires. Everything is drawn from a seed, so that every failure replays.

Used by tests, benchmarks, `make sim` and `dalpak simulate`. Nothing in here is part of a live call.
"""
