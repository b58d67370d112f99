"""Who was linked to what, when and by whom; append-only."""
