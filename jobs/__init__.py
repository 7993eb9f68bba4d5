"""One file a queue job, the queue itself, and what keeps it going."""
