"""Files that a question is asked about: read as text, and set into the question."""
