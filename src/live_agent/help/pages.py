"""GET /help, GET /help/{code}: the guides, and a page for each refusal that has one."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.help import Guide, Shelf
from live_agent.problems import Problem
from live_agent.settings import Settings

GUIDES = (
    Guide("set-up-live-agent", n_("Set up Live Agent"), "guides/set_up_live_agent.html"),
    Guide("add-agents", n_("Add agents and admins"), "guides/add_agents.html"),
    Guide("configuration-keys", n_("Configuration keys"), "guides/configuration_keys.html"),
)
SHELF = Shelf(GUIDES, Problem, Settings, "/")


async def show_help(request: Request) -> Response:
    """The list of all help pages."""
    return SHELF.index(request)


async def show_topic(request: Request) -> Response:
    """One of them."""
    return SHELF.topic(request, str(request.path_params["code"]))
