"""The people of an account, their roles and rights."""
