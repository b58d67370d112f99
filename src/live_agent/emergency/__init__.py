"""FRONT: the break-glass link."""
