"""One file per change of the schema, named v<number>_<what>."""
