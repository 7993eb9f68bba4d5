"""Webhooks: what is told to which App (`emit`), and how it gets there (`send`)."""
