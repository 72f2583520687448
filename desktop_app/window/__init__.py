"""The window itself: its frame, what lives as long as it does, and the way in and out."""
