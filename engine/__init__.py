"""Ponder's thinking: budget to candidates to verdict, journal, power. Never imports Qt."""
