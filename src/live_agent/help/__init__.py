"""FRONT: help served by the product itself."""
