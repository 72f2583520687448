"""The conversation as a person sees it: transcript, rich text, composer and their controller."""
