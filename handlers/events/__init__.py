"""One file a webhook event; the folder is the registry."""
