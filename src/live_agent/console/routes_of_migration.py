"""The URLs of Settings → Migration, and of the page that asks old users to move."""

from starlette.routing import BaseRoute

from kernel.web.guards import guarded
from live_agent.agents.rules import Right
from live_agent.console.migration import post_refresh, show_csv, show_migration, show_plan
from live_agent.console.migration_deeds import post_brake, post_deed, post_stop
from live_agent.console.move import show_move
from live_agent.guards import SIGNED_IN, may

ACCOUNT = "/app/accounts/{account_id:int}"
MIGRATION = f"{ACCOUNT}/settings/migration"
AGENTS = may(Right.AGENTS_MANAGE)

MOVE_ROUTES: list[BaseRoute] = [
    guarded("GET", f"{ACCOUNT}/move", show_move, SIGNED_IN),
    guarded("GET", MIGRATION, show_migration, AGENTS),
    guarded("GET", f"{MIGRATION}/plan", show_plan, AGENTS),
    guarded("GET", f"{MIGRATION}/users.csv", show_csv, AGENTS),
    guarded("POST", f"{MIGRATION}/deed", post_deed, AGENTS),
    guarded("POST", f"{MIGRATION}/brake", post_brake, AGENTS),
    guarded("POST", f"{MIGRATION}/runs/{{run_id}}/stop", post_stop, AGENTS),
    guarded("POST", f"{MIGRATION}/refresh", post_refresh, AGENTS),
]
