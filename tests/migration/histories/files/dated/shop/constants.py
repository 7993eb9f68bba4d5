"""What the application and some revisions share."""

ROLES = ("owner", "editor", "reader")
