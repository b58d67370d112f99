"""The JSON API, for programs: bearer tokens and API keys."""
