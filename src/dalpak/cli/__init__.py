"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once.

Exit codes: 0 done; 1 the answer is no (a check failed, a booking did not happen); 2 the command was used wrongly or
a setting is wrong.
"""

from dalpak.cli.app import main

__all__ = ["main"]
