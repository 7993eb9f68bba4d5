"""One file a slash-command; the folder is the registry. Only `@command` functions live here (`command_registry`)."""
