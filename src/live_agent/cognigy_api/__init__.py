"""The only code that calls the platform, or whatever other provider is configured."""
