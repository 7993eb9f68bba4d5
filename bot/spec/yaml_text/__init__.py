"""YAML from strangers: values with their lines, mappings with known keys, columns and constraints written so."""
