"""The JSON API as a whole: its routes, and the prefixes below which the application mounts it."""

from cognigy_ai.api import audit_events, live_agent, management, users
from cognigy_ai.problems import Problem
from kernel.web.api.application import new_api

PREFIXES = ("/v2.0", "/management/v2.0", "/new/v2.0")
DESCRIPTION = (
    "People, roles, organisations and audit events of Cognigy.AI, for programs. Send an API key in "
    "the header X-API-Key, or an access token with the scope api as Authorization: Bearer. A key "
    "has the rights that its owner has at that moment. Each credential may send 1000 requests in "
    "5 minutes, counted per server process; the headers RateLimit-Policy and RateLimit say how "
    "many are left at the process that answers. What existing callers write as /new/v2.0 works too."
)

API = new_api("Cognigy.AI API", "2.0", Problem, DESCRIPTION)
for module in (users, management, audit_events, live_agent):
    API.include_router(module.router)
