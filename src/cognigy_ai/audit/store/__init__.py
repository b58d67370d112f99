"""SQL for the audit trail: the events, and the seals that chain them."""
