"""One file for each grant type of the token endpoint."""
