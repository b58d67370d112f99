"""SQL for people: who they are, and the links that set their passwords."""
