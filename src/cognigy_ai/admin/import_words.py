"""What becomes of the rows of an import, in words."""

from dataclasses import dataclass

from cognigy_ai.imports import rules
from cognigy_ai.imports.rules import Reason, Row
from cognigy_ai.roles.rules import unknown_role
from kernel.languages import Say, n_

FATES = {
    rules.CREATED: n_("New"),
    rules.CHANGED: n_("Changed"),
    rules.UNCHANGED: n_("As it was"),
    rules.REFUSED: n_("Not imported"),
    rules.NOT_DONE: n_("Not reached"),
}
KINDS = {
    rules.CREATED: "success",
    rules.CHANGED: "accent",
    rules.UNCHANGED: "neutral",
    rules.REFUSED: "danger",
    rules.NOT_DONE: "warning",
}
STATES = {
    rules.CHECKED: n_("Not started"),
    rules.WAITING: n_("Waiting"),
    rules.RUNNING: n_("Running"),
    rules.DONE: n_("Done"),
    rules.STOPPED: n_("Stopped"),
}
STATE_KINDS = {
    rules.CHECKED: "warning",
    rules.WAITING: "accent",
    rules.RUNNING: "accent",
    rules.DONE: "success",
    rules.STOPPED: "danger",
}
REASONS = {
    Reason.EMAIL_MISSING: n_("The e-mail address is missing."),
    Reason.EMAIL_INVALID: n_("This is not an e-mail address."),
    Reason.NAME_MISSING: n_("A new person needs a name."),
    Reason.NAME_INVALID: n_("A name has to be one line of 1 to 200 characters."),
    Reason.FORMULA: n_(
        "A name, and what follows a semicolon in it, may not begin with = + - or @: spreadsheets "
        "would calculate it."
    ),
    Reason.LOCALE_UNKNOWN: n_("The language has to be en, de or ja."),
    Reason.ROLE_UNKNOWN: n_("A role is not known."),
    Reason.TOO_MANY_CELLS: n_("The row has more cells than the header line."),
    Reason.TWICE: n_("The address stands in an earlier row already."),
    Reason.ADMINISTRATOR: n_("Only an administrator changes an administrator."),
    Reason.ROLE_NOT_YOURS: n_("You give no role that allows more than your own roles do."),
    Reason.NOT_ALLOWED: n_("You may not make and change people."),
    Reason.MAILED_ENOUGH: n_("Three invitations went to this address within an hour."),
    Reason.UNREADABLE: n_("The row could not be read any more. Import it once more."),
    Reason.DECLINED: n_("This person was declined."),
    Reason.IN_BETWEEN: n_("Somebody changed this person meanwhile. Import the row once more."),
    Reason.FAILED: n_("Something went wrong at our side. Import the row once more."),
}
ALL = n_("All rows")
NEW_NAME = n_("New name")
NEW_LANGUAGE = n_("New language")
GETS = n_("Gets {roles}")
UNKNOWN_ROLE = n_("There is no role {role}.")


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as the table shows it, in the reader's language."""

    number: int
    email: str
    name: str
    user_id: str
    fate: str
    kind: str
    what: str


def row_view(row: Row, say: Say) -> RowView:
    """Finished values; what was typed is gone once the row is done, the person is there."""
    line = row.line
    return RowView(
        number=row.number,
        email=row.email or (line.email if line else ""),
        name=line.name if line else "",
        user_id=row.user_id or "",
        fate=say(FATES[row.fate]),
        kind=KINDS[row.fate],
        what=_what(row, say),
    )


def reason_text(code: str, say: Say) -> str:
    """A refusal in words."""
    return say(REASONS[Reason(code)])


def _what(row: Row, say: Say) -> str:
    if row.fate == rules.REFUSED:
        unknown = unknown_role(row.line.roles) if row.line else None
        if row.detail == Reason.ROLE_UNKNOWN.value and unknown:
            return say(UNKNOWN_ROLE).replace("{role}", unknown)
        return reason_text(row.detail, say)
    words = row.detail.split()
    said = [say(text) for word, text in _CHANGES if word in words]
    roles = [word.removeprefix(rules.ROLE) for word in words if word.startswith(rules.ROLE)]
    if roles:
        said.append(say(GETS).replace("{roles}", ", ".join(roles)))
    return " · ".join(said)


_CHANGES = ((rules.NAME, NEW_NAME), (rules.LOCALE, NEW_LANGUAGE))
