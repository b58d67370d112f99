"""What a person can do about a login that failed: one primary action, and others."""

from enum import Enum

from live_agent.problems import Problem


class Way(Enum):
    """Something to do on the error page."""

    TRY_AGAIN = "the same login once more"
    OTHER_ACCOUNT = "the provider asks whom to log in"
    OLD_PASSWORD = "the old login"  # noqa: S105 - a way, no password


# The first is the primary action. Where the account itself is the trouble, the same account once
# more is the trouble once more.
WAYS: dict[Problem, tuple[Way, ...]] = {
    Problem.ORGANISATION_NOT_FOUND: (Way.OTHER_ACCOUNT, Way.TRY_AGAIN),
    Problem.ORGANISATION_SUSPENDED: (Way.OTHER_ACCOUNT, Way.TRY_AGAIN),
    Problem.USER_DISABLED: (Way.OTHER_ACCOUNT, Way.TRY_AGAIN),
    Problem.IDENTITY_CONFLICT: (Way.OTHER_ACCOUNT, Way.TRY_AGAIN),
    Problem.USER_NOT_AUTHORISED: (Way.TRY_AGAIN, Way.OTHER_ACCOUNT),
    Problem.LOGIN_CANCELLED: (Way.TRY_AGAIN, Way.OTHER_ACCOUNT),
    Problem.PLATFORM_LOGIN_OFF: (Way.OLD_PASSWORD, Way.OTHER_ACCOUNT),
}

# What an administrator of the organisation mends in Cognigy.AI.
# The screen of the Admin Center on which an administrator mends it.
MENDED_IN_COGNIGY_AI = {
    Problem.USER_NOT_AUTHORISED: "/admin/users",
    Problem.ORGANISATION_NOT_FOUND: "/admin/organisation",
}


def ways_on(problem: Problem) -> tuple[Way, ...]:
    return WAYS.get(problem, (Way.TRY_AGAIN,))
