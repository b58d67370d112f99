"""The Platform API and the Application API as one application, which `ROUTES` mounts."""

from kernel.web.api.application import new_api
from live_agent.api import accounts, people, probe, users
from live_agent.problems import Problem

PREFIXES = (accounts.PREFIX, people.PREFIX)

api = new_api(
    "Live Agent API",
    "1.0",
    Problem,
    "With the Platform API Cognigy.AI sets up the Live Agent account of an organisation, suspends "
    "it and deletes it, and asks whether both sides fit; the header `api_access_token` carries the "
    "platform token. With the Application API (`/api/v1`) programs read in the name of a person; "
    "the header carries a token of the person's profile page. Where a proxy drops names with "
    "underscores, `api-access-token` is the same header.",
)
api.include_router(accounts.router)
api.include_router(users.router)
api.include_router(people.router)
api.include_router(probe.router)
