"""Who is signed in, and the old password login."""
