"""What the platform says of a person, and why it is not believed."""
