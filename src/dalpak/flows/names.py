"""What DBOS knows the flows by. Kept in the database: a changed name is another application."""

APP = "dalpak"
QUEUE = "flows"
WORKFLOW = "flow_runner"
"""The one workflow DBOS knows; which flow it runs is its first argument."""

VERSION = "flows-1"
"""Pinned: DBOS would hash the code, and a flow in flight across a release would wait for ever."""
