"""The only code of the platform that calls Live Agent."""
