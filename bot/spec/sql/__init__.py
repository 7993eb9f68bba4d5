"""SQL in a spec: parsed by Postgres' own parser, checked to be what it should be."""
