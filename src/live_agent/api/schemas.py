"""The bodies of the Platform API, as its OpenAPI document shows them."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, Field

from kernel.web.api.values import ONE_LINE, Body, Name, PlainText, Query
from live_agent.accounts.rules import LONGEST_ORGANISATION, MOST_NUMBER, Account
from live_agent.agents.rules import User

Status = Literal["active", "suspended"]
OrganisationId = Annotated[
    str, Field(min_length=1, max_length=LONGEST_ORGANISATION, pattern=ONE_LINE)
]
Limit = Annotated[int, Field(ge=1, le=100, description="Most entries of one answer.")]

PAGE = 25


class NewAccount(Body):
    """An account for an organisation."""

    name: Name = Field(description="What people see; the organisation's name.")
    organisation_id: OrganisationId = Field(
        description="The organisation's id; `cognigy_organization_id` is understood too.",
        validation_alias=AliasChoices("organisation_id", "cognigy_organization_id"),
    )


class AccountChange(Body):
    """What is absent, or null, stays as it is."""

    name: Name | None = Field(default=None, description="What people see.")
    status: Status | None = Field(
        default=None, description="`suspended` ends all sessions, and nobody can log in."
    )
    organisation_id: OrganisationId | None = Field(
        default=None,
        description="The organisation that the caller means: another one than the account's is "
        "refused, and nothing is changed.",
    )


class AccountBody(BaseModel):
    """An account."""

    id: int = Field(description="The account's number.")
    name: str
    organisation_id: str | None = Field(description="Null: nobody logs in by Cognigy.AI.")
    status: Status
    oauth_login: bool = Field(description="People may log in by Cognigy.AI.")
    created_at: int = Field(description="Seconds since 1970.")


class AccountPage(BaseModel):
    """Accounts in the order of their numbers."""

    accounts: list[AccountBody]
    next: int | None = Field(description="`after` of the next page; null: this is the last one.")


class AccountListing(Query):
    """Which accounts."""

    organisation_id: OrganisationId | None = Field(
        default=None, description="Only the account of this organisation."
    )
    limit: Limit = PAGE
    after: int = Field(default=0, ge=0, le=MOST_NUMBER, description="`next` of the page before.")


class AccountUserBody(BaseModel):
    """A user in an account."""

    account_id: int
    user_id: str
    name: str
    email: str
    roles: list[str] = Field(description="`administrator`, `supervisor`, `agent`, or none.")


class AccountUserPage(BaseModel):
    """Users in the order of their ids."""

    account_users: list[AccountUserBody]
    next: str | None = Field(description="`after` of the next page; null: this is the last one.")


class AccountUserListing(Query):
    """Which users."""

    limit: Limit = PAGE
    after: Annotated[PlainText, Field(max_length=40)] = Field(
        default="", description="`next` of the page before."
    )


class UserBody(BaseModel):
    """A user. People arrive by their first login; nobody is made here."""

    id: str
    account_id: int
    name: str
    email: str
    roles: list[str] = Field(description="`administrator`, `supervisor`, `agent`, or none.")
    status: Literal["active", "disabled"]
    linked: bool = Field(description="Logs in by Cognigy.AI; the old password is gone.")
    created_at: int = Field(description="Seconds since 1970.")
    last_login_at: int | None = Field(description="Seconds since 1970.")


def account_body(account: Account) -> AccountBody:
    return AccountBody(
        id=account.id,
        name=account.name,
        organisation_id=account.organisation_id,
        status="suspended" if account.suspended else "active",
        oauth_login=account.oauth_login,
        created_at=account.created_at,
    )


def account_user_body(user: User) -> AccountUserBody:
    return AccountUserBody(
        account_id=user.account_id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        roles=list(user.roles),
    )


def user_body(user: User) -> UserBody:
    return UserBody(
        id=user.id,
        account_id=user.account_id,
        name=user.name,
        email=user.email,
        roles=list(user.roles),
        status="disabled" if user.disabled else "active",
        linked=user.linked,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
    )
