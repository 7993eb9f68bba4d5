"""The routes of the REST API: one file a resource. What is marked with `@route` is found by iterating this package."""
