"""Who is in the demo, and what each of them is there to show."""

from dataclasses import dataclass

ORGANISATIONS = {
    "Acme": "64b1f0a2c3d4e5f60718293a",
    "Globex": "64b1f0a2c3d4e5f60718293b",  # never set up in Live Agent
}
ACCOUNT = "Acme"  # the one account of Live Agent, and the organisation it belongs to


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    shows: str
    organisation: str | None = None  # of the Cognigy.AI account; None: has none
    roles: tuple[str, ...] = ()  # there
    old_role: str | None = None  # of the old Live Agent user; None: there is none

    @property
    def where(self) -> str:
        parts = []
        if self.organisation:
            parts.append(f"Cognigy.AI: {', '.join(self.roles)}")
        if self.old_role:
            parts.append(f"old Live Agent user: {self.old_role}")
        return "\n".join(parts)


PEOPLE = (
    Person(
        "admin@acme.example",
        "Ada Admin",
        "Administrator",
        organisation="Acme",
        roles=("admin", "liveAgentAdmin"),
    ),
    Person(
        "supervisor@acme.example",
        "Sam Supervisor",
        "Supervisor",
        organisation="Acme",
        roles=("liveAgentSupervisor",),
    ),
    Person(
        "agent@acme.example",
        "Alex Agent",
        "Agent",
        organisation="Acme",
        roles=("liveAgentAgent",),
    ),
    Person(
        "both@acme.example",
        "Bo Both",
        "Agent and Supervisor: the rights of both",
        organisation="Acme",
        roles=("liveAgentAgent", "liveAgentSupervisor"),
    ),
    Person(
        "norole@acme.example",
        "Noa Norole",
        "error 3: not authorised",
        organisation="Acme",
        roles=("base_role",),
    ),
    Person(
        "manager@acme.example",
        "Uma Manager",
        "makes people and gives roles in the Admin Center, but not admin",
        organisation="Acme",
        roles=("userManager",),
    ),
    Person(
        "admin@globex.example",
        "Gina Globex",
        "sets up Live Agent for Globex (Admin Center, Organisation)",
        organisation="Globex",
        roles=("admin",),
    ),
    Person(
        "agent@globex.example",
        "Gil Globex",
        "error 2: organisation not found, until its admin has set it up",
        organisation="Globex",
        roles=("liveAgentAgent",),
    ),
    Person(
        "mover@acme.example",
        "Max Mover",
        "the first login through Cognigy.AI moves the old user",
        organisation="Acme",
        roles=("liveAgentAgent",),
        old_role="agent",
    ),
    Person(
        "cleo@consulting.example",
        "Cleo Consultant",
        "one address in two organisations: is asked which",
        organisation="Acme",
        roles=("liveAgentSupervisor",),
    ),
    Person(
        "cleo@consulting.example",
        "Cleo Consultant",
        "the other one",
        organisation="Globex",
        roles=("base_role",),
    ),
    Person(
        "old@acme.example",
        "Olga Old",
        "logs in at /old-login only",
        old_role="agent",
    ),
)

# Made with them, and renamed at once (story.py): the new address is that of an old user.
RENAMED = Person(
    "nina.weber@acme.example",
    "Nina Weber",
    "the open conflict in Live Agent's settings",
    organisation="Acme",
    roles=("liveAgentAgent",),
)
