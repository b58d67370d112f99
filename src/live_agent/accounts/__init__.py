"""Accounts: what an organisation is in Live Agent."""
