"""Lists of people that an administrator uploads."""
