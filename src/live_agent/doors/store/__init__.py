"""SQL for the inventory of doors, and for the list of people with their open doors."""
