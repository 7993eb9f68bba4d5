"""Whatever reaches the bot from outside: webhooks, slash-commands, pages, the command line."""
