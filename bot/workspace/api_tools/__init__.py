"""Programs that try an API: they run in the sandbox, in an environment of their own. There is nothing to import."""
