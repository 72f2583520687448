"""What a person touches: the window, the command line, settings and error texts."""
