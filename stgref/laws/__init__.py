"""One module of pure functions for each law."""
