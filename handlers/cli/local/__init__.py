"""What the demo needs on this machine: its processes, its keys, its words on the terminal."""
