"""Backends: what produces candidates."""
