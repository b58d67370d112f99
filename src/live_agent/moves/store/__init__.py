"""SQL of the move of an account."""
