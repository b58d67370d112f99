"""The keys that sign tokens: made, published, rotated, revoked."""
