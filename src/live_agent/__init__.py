"""Live Agent: the desk, and OAuth client of the platform."""
