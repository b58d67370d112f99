"""People: their names, roles, state and credentials."""
