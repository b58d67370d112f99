"""The Platform API as one application, which `ROUTES` mounts."""

from kernel.web.api.application import new_api
from live_agent.api import accounts, users
from live_agent.problems import Problem

PREFIXES = (accounts.PREFIX,)

api = new_api(
    "Platform API",
    "1.0",
    Problem,
    "With this API Cognigy.AI sets up the Live Agent account of an organisation, suspends it and "
    "deletes it. Every request carries the platform token in the header `api_access_token`.",
)
api.include_router(accounts.router)
api.include_router(users.router)
