"""Does mail leave? Whoever causes mails in the Admin Center sees when it does not."""

from starlette.requests import Request

from cognigy_ai.guards import session_of
from cognigy_ai.roles.rules import Permission, may
from cognigy_ai.state import state_of

MAILS = "mail."  # how the kinds of letters begin


async def mail_failing_since(request: Request) -> int | None:
    """For whoever may write people: since when some mail is tried again and again."""
    if not may(session_of(request).user.roles, Permission.USERS_WRITE):
        return None
    state = state_of(request)
    return await state.outbox.failing_since(state.database, MAILS)
