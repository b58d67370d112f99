"""Which tokens of the platform are believed, and what they say."""
