"""The evidence beside an answer: slider, votes, candidates, time line and power."""
