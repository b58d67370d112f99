"""The newest that the platform said of a person's access."""
