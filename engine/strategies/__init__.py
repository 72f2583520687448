"""Strategies: one pure policy a file. No thread, token or clock of their own."""
