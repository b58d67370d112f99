"""SQL for sessions: their life, and the questions to the platform about them."""
