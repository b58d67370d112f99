"""Both systems with demo people on one machine: `make up`."""
