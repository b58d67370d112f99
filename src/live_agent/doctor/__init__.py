"""Which value, on which side, is wrong: both systems are asked and compared pair by pair."""
