"""DBML (https://dbml.dbdiagram.io/docs) as far as it describes tables."""
