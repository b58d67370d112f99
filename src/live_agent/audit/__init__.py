"""What happened, for administrators and operators."""
