"""Every way in to an account, open or closed, with the proof; and closing all of a person."""
