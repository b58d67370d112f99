"""What the platform tells beside a login: access that ends or changes."""
