"""The command line: `specwright`, one file a command."""
