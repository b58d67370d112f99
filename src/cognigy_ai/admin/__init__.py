"""The Admin Center: Access Control, imports, organisation, security, API keys, audit events."""
