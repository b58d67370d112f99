"""What both applications need and neither owns."""
