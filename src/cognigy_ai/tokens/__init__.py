"""Authorization codes, and the grants that they become: one row with its tokens' fingerprints."""
