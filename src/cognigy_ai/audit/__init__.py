"""What happened, append-only, written in the transaction that it tells of."""
