"""`python -m dalpak`: the same as the console script."""

from dalpak.cli import main

main()
