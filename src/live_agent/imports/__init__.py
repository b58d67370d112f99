"""Old users come from another installation's export."""
