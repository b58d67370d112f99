"""What stands where in the Helm values of both systems."""
