"""Model files: the built-in model, and what a file says about itself. Never imports Qt."""
