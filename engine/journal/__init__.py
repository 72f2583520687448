"""The journal: the SQLite record of conversations, deliberations, candidates and measurements."""
