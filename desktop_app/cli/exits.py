"""What the exit codes mean.

0 is an answer; 2 bad use or input, or output that cannot be written; 3 a model that cannot be
loaded or is not there; 4 an engine, a server, the hub or the journal that failed, or no candidate
that finished in time; 130 an interrupt from the keyboard; 141 a reader of the output that has gone.
"""

EXIT_USAGE, EXIT_MODEL, EXIT_ENGINE, EXIT_INTERRUPT, EXIT_PIPE = 2, 3, 4, 130, 141
