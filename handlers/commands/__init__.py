"""One file a slash-command; none yet: reviewers steer with the label and the issue's text."""
