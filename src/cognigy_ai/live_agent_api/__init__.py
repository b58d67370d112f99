"""The only code that calls Live Agent."""
