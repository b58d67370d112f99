"""JSON APIs: FastAPI below some prefixes, refusals as RFC 9457 has them, rate limits, a page."""
