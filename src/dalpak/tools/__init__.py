"""Use cases that an agent may call. The table of them is in registry.py; one call's view of them in
toolbox.py."""
