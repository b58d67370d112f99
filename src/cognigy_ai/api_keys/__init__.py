"""Keys of the JSON API: whose they are, until when, when they were last used."""
