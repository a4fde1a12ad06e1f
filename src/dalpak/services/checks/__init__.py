"""What `dalpak doctor` asks of the outside: one small file per provider, each asked as a call would ask it."""
