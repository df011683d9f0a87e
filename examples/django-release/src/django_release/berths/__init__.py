"""Who lies where."""
