"""How things are called and said, for window and terminal; errors stand in `error_text.py`."""
