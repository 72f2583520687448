"""Choosing, loading and ejecting a model."""
