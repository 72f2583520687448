"""Answers: what a response says, in a form that votes can be counted by."""
