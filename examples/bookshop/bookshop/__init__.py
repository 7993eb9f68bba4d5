"""The backend of a small bookshop."""
