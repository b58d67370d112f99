"""Who is signed in at the platform, in which browser."""
