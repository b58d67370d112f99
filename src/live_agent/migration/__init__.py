"""Who a platform login is, and how an old user moves."""
