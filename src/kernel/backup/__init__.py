"""Backup and restore of one system: a file of rows, the same for both databases."""
