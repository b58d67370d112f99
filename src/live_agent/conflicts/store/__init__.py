"""SQL for conflicts and for what was decided about them."""
