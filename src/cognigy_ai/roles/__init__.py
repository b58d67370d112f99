"""Global roles."""
