"""What the JSON API takes and answers. Times are ISO 8601 in UTC, names are as existing callers
write them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from cognigy_ai.roles.rules import ROLES
from cognigy_ai.users.rules import LOCALES
from kernel.web.api.values import Body, Name, PlainText, Query

HEX_ID = r"^[0-9a-f]{24}$"
LONGEST_CURSOR = 6000
LONGEST_FILTER = 200
LONGEST_EMAIL = 320
MOST_SKIPPED = 1_000_000


def _only_text(value: object) -> object:
    """RFC 3339; pydantic alone would read seconds since 1970 too."""
    if not isinstance(value, str) or value[4:5] != "-":
        raise ValueError("a time is written as 2026-11-22T12:00:00Z")
    return value


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


def _name_in_json(name: str) -> str:
    return "_id" if name == "object_id" else to_camel(name)


Role = Annotated[str, Field(json_schema_extra={"enum": list(ROLES)})]
Locale = Annotated[str, Field(json_schema_extra={"enum": list(LOCALES)})]
ObjectId = Annotated[str, Field(pattern=HEX_ID)]
Email = Annotated[
    str, Field(min_length=3, max_length=LONGEST_EMAIL, pattern=r"^[^\x00]+@[^\x00]+$")
]
Password = Annotated[PlainText, Field(min_length=1, max_length=4096)]
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text)]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]
Next = Annotated[
    str | None,
    Field(max_length=LONGEST_CURSOR, description="The `nextCursor` of the page before."),
]


# --- what is asked for ----------------------------------------------------------------------------


class UsersQuery(Query):
    """Which people, and which page of them."""

    filter: Annotated[
        PlainText,
        Field(
            max_length=LONGEST_FILTER,
            description="Every word is the beginning of a word of the name or the e-mail address.",
        ),
    ] = ""
    role: Annotated[Role | None, Field(description="Only people who have it.")] = None
    disabled: Annotated[bool | None, Field(description="Only people who are, or are not.")] = None
    organisation: Annotated[
        ObjectId | None, Field(description="Needed with a key of an operator, which has none.")
    ] = None
    limit: Limit = 25
    next: Next = None


class OrganisationsQuery(Query):
    """Which organisations, and which of them to begin with."""

    filter: Annotated[
        PlainText, Field(max_length=LONGEST_FILTER, description="A part of the name.")
    ] = ""
    limit: Limit = 25
    skip: Annotated[int, Field(ge=0, le=MOST_SKIPPED, description="How many to leave out.")] = 0
    next: Next = None


class DeskPeopleQuery(Query):
    """Which page of the people."""

    limit: Annotated[int, Field(ge=1, le=500, description="How many at most.")] = 500
    next: Next = None


class EventsQuery(Query):
    """Which audit events, newest first."""

    event: Annotated[
        PlainText | None, Field(max_length=64, description="Such as `user.role_given`.")
    ] = None
    group: Annotated[
        str | None,
        Field(pattern=r"^[a-z_]{1,32}$", description="What comes before the dot, such as `user`."),
    ] = None
    user: Annotated[
        PlainText | None, Field(max_length=40, description="Id of the person it is about.")
    ] = None
    actor: Annotated[PlainText | None, Field(max_length=128, description="Id of who did it.")] = (
        None
    )
    since: Annotated[Moment | None, Field(description="Not before.")] = None
    until: Annotated[Moment | None, Field(description="Before.")] = None
    limit: Limit = 25
    next: Next = None


DeskRole = Literal["liveAgentAdmin", "liveAgentSupervisor", "liveAgentAgent"]


class ProposedPerson(Body):
    """Somebody of Live Agent who has no account here."""

    email: Email
    name: Name
    roles: Annotated[tuple[DeskRole, ...], Field(max_length=3, strict=False)] = ()
    locale: Annotated[str, Field(max_length=16)] = ""


class NewProposal(Body):
    """People whom an administrator of the organisation may make, or not."""

    id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{1,64}$",
            description="Of Live Agent's choice; sent again, it is the same proposal.",
        ),
    ]
    proposed_by: Annotated[Name, Field(alias="proposedBy")]
    people: Annotated[tuple[ProposedPerson, ...], Field(min_length=1, max_length=200, strict=False)]


class NewUser(Body):
    """A person to be made in the caller's organisation."""

    model_config = _example(email="grace@acme.example", name="Grace Hopper", roles=["odata"])

    email: Email
    name: Name
    roles: Annotated[tuple[Role, ...], Field(max_length=len(ROLES), strict=False)] = ()
    locale: Locale = "en"
    password: Annotated[
        Password | None,
        Field(description="Without it an invitation is mailed. With it, it has to be changed."),
    ] = None


class NewManagedUser(Body):
    """A person to be made in an organisation that is named."""

    model_config = _example(id="linus@acme.example", name="Linus", organisation="a" * 24)

    id: Annotated[Email, Field(description="The e-mail address, which is the login name.")]
    name: Name
    organisation: ObjectId
    roles: Annotated[tuple[Role, ...], Field(max_length=len(ROLES), strict=False)] = ()
    locale: Locale = "en"
    password: Annotated[
        Password | None,
        Field(description="Without it an invitation is mailed. With it, it has to be changed."),
    ] = None


class ChangedUser(Body):
    """What is given becomes so."""

    name: Name | None = None
    locale: Locale | None = None


class OneRole(Body):
    """A role to give or to take."""

    role: Role


class NewOrganisation(Body):
    """An organisation to be made."""

    name: Name
    id: Annotated[ObjectId | None, Field(description="Without it a new one is made.")] = None


class ChangedOrganisation(Body):
    """What is given becomes so."""

    name: Name | None = None


# --- what is answered -----------------------------------------------------------------------------


class Answer(BaseModel):
    """Fields are named as in JSON."""

    model_config = ConfigDict(alias_generator=_name_in_json, populate_by_name=True)


class User(Answer):
    """A person."""

    object_id: str = Field(description="Stays the same; the `sub` of tokens.")
    id: str = Field(description="The login name: the e-mail address.")
    name: str
    email: str
    email_verified: bool
    organisation: str
    roles: list[str]
    locale: str
    disabled: bool
    created_at: datetime
    last_changed: datetime
    created_by: str | None = Field(description="Id of who made it; none: an operator.")
    last_changed_by: str | None
    last_active: datetime | None = Field(description="None: never signed in.")


class Users(Answer):
    """A page of people."""

    items: list[User]
    next_cursor: str | None = Field(description="For `next`; none on the last page.")


class DeskPerson(BaseModel):
    """What a login of this person would say, under the names of the ID token's claims."""

    sub: str
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: list[str]
    access_revision: int
    disabled: bool = Field(description="Could not log in at the moment.")


class Proposal(Answer):
    """How far the organisation is with a proposal."""

    id: str
    state: str = Field(description="checked: nobody decided yet; waiting, running, done, stopped.")
    total: int
    done: int = Field(description="Rows that were made, declined or refused.")


class DeskPeople(Answer):
    """A page of people, in no order that means anything."""

    items: list[DeskPerson]
    next_cursor: str | None = Field(description="For `next`; none on the last page.")


class Organisation(Answer):
    """An organisation."""

    object_id: str
    name: str
    suspended: bool
    created_at: datetime
    live_agent_account: int | None = Field(description="Number of its account in Live Agent.")


class Organisations(Answer):
    """A page of organisations."""

    items: list[Organisation]
    next_cursor: str | None = Field(description="For `next`; none on the last page.")


class AuditEvent(Answer):
    """Something that happened. Addresses are those of people who are still there."""

    object_id: str
    created_at: datetime
    event: str
    reference: str | None = Field(description="As on the page and in the log of that moment.")
    organisation: str | None
    user: str | None = Field(description="Whom it is about.")
    user_email: str | None
    actor_kind: str
    actor: str | None = Field(description="Who did it.")
    actor_email: str | None
    details: Mapping[str, Any]


class AuditEvents(Answer):
    """A page of events."""

    items: list[AuditEvent]
    next_cursor: str | None = Field(description="For `next`; none on the last page.")
