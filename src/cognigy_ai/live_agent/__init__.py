"""The account that an organisation has in Live Agent: set up, suspended, resumed."""
