"""What only an administrator can decide: an identity, its address, and who stands against it."""
