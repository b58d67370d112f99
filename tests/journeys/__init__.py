"""Both systems on real sockets, a real browser, told as stories."""
