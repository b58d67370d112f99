"""FRONT: the JSON API for programs, one module for each noun of its addresses."""
