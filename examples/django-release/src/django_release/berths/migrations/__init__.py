"""How the berths came to be."""
