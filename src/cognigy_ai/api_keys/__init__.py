"""Keys of the JSON API."""
