"""Power: what the answer cost in joules, and how that was measured."""
