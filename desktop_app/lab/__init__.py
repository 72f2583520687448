"""Setting up a sweep, watching it, and its curves."""
