"""Instructions to models. Words only: nothing here decides, and nothing here is trusted to be obeyed."""
