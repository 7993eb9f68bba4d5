"""An OpenAPI document in an issue: read, checked, and never followed out of itself."""
