"""Tables and columns as people describe them, whatever the notation."""
