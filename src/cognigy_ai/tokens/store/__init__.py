"""SQL for codes, grants and consents. Every use of a token is one statement."""
