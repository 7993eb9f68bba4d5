"""The pull request: its title, body, draft state and commit message, all of them renderings of one `Report`."""
