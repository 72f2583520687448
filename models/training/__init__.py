"""The recipe of the built-in model, from synthetic stories to a GGUF.

It exists so that anyone can remake and check the model that ships with Ponder. The product never
imports this package: it needs the `training` extra, and the application needs only the file that
comes out of it.
"""
