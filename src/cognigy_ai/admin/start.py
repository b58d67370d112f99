"""GET /admin: the way into the Admin Center."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, permissions_of
from kernel.problems import ProblemError
from kernel.web.site import see_other

# In the order of the navigation (templates/layout.html).
PAGES = {
    Permission.USERS_READ: "/admin/users",
    Permission.ORGANISATION_READ: "/admin/organisation",
    Permission.ORGANISATION_WRITE: "/admin/security",
    Permission.API_KEYS_ALL: "/admin/keys",
    Permission.AUDIT_READ: "/admin/audit",
}


async def go_to_first_page(request: Request) -> Response:
    """GET /admin: the first page that the person's roles allow; raises PERMISSION_MISSING."""
    allowed = permissions_of(session_of(request).user.roles)
    for permission, address in PAGES.items():
        if permission in allowed:
            return see_other(address)
    first = next(iter(PAGES))
    raise ProblemError(Problem.PERMISSION_MISSING, permission=first.name.lower())
