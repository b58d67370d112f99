"""What the address of a list of people asks for: search, role, state and order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar
from urllib.parse import urlencode

LONGEST_SEARCH = 200

S = TypeVar("S", bound=Enum)


@dataclass(frozen=True, slots=True)
class Orders(Generic[S]):
    """What a list can be sorted by: at first `usual`; `latest_first` begins with the latest."""

    usual: S
    latest_first: S


@dataclass(frozen=True, slots=True)
class PeopleList(Generic[S]):
    """One view of the list at `path`."""

    path: str
    orders: Orders[S]
    search: str
    role: str
    state: str
    sort: S
    descending: bool

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.role or self.state)

    def href(self, **changes: str) -> str:
        """The address of the same list with changes; it begins with the first page."""
        values = {
            "q": self.search,
            "role": self.role,
            "state": self.state,
            "sort": self._name(self.sort),
            "order": "desc" if self.descending else "",
        }
        kept = {name: value for name, value in (values | changes).items() if value}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def heads(self) -> dict[str, dict[str, str]]:
        """Where the head of each column leads, and what it says of the order now."""
        return {sort.value: self._head(sort) for sort in type(self.sort)}

    def _head(self, sort: S) -> dict[str, str]:
        now = self.sort is sort
        descending = not self.descending if now else sort is self.orders.latest_first
        order, said = "desc" if descending else "", "descending" if self.descending else "ascending"
        return {
            "href": self.href(sort=self._name(sort), order=order),
            "sorted": said if now else "",
        }

    def _name(self, sort: S) -> str:
        return "" if sort is self.orders.usual else str(sort.value)


def people_list(
    path: str,
    given: Mapping[str, str],
    orders: Orders[S],
    *,
    roles: Collection[str],
    states: type[Enum],
) -> PeopleList[S]:
    """From the query of an address; what is not understood counts as not there."""
    sorts = {str(sort.value): sort for sort in type(orders.usual)}
    role, state = given.get("role", ""), given.get("state", "")
    return PeopleList(
        path,
        orders,
        search=typed_search(given),
        role=role if role in roles else "",
        state=state if state in {one.value for one in states} else "",
        sort=sorts.get(given.get("sort", ""), orders.usual),
        descending=given.get("order") == "desc",
    )


def typed_search(given: Mapping[str, str]) -> str:
    """What was typed into the search field, without what no database takes."""
    return " ".join(given.get("q", "")[:LONGEST_SEARCH].replace("\0", " ").split())
