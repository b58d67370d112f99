"""FRONT: e-mail and password, and the proof that an old user is the same person."""
