"""Where Live Agent and the platform say different things of a person, and how they agree again."""
