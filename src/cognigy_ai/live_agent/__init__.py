"""Live Agent for an organisation: set up, and kept in step with it."""
