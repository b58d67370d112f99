"""Every URL of Live Agent, in `ROUTES`, with who may reach it and the function that answers."""

from starlette.routing import BaseRoute

from kernel.web.api.application import ApiMount
from kernel.web.api.page import openapi_routes
from kernel.web.guards import guarded
from kernel.web.shared import shared_routes
from live_agent.agents.rules import Right
from live_agent.api.application import PREFIXES, api
from live_agent.console.account import post_second_approval, show_account
from live_agent.console.agent import show_agent
from live_agent.console.agent_deeds import (
    AGENT_DEED,
    post_agent,
    post_delete,
    post_mail,
    show_delete,
)
from live_agent.console.agent_new import post_new_agent, show_new_agent
from live_agent.console.agents import show_agents
from live_agent.console.api_tokens import post_end_token, post_make
from live_agent.console.audit import show_audit, show_export
from live_agent.console.conflict import post_conflict, show_conflict
from live_agent.console.conflicts import show_conflicts
from live_agent.console.dashboard import go_home, post_presence, show_dashboard
from live_agent.console.differences import post_differences, show_differences
from live_agent.console.doors import show_doors
from live_agent.console.logins import show_login_story
from live_agent.console.person_doors import post_let_in, post_person_doors, show_person_doors
from live_agent.console.person_history import post_history, show_history
from live_agent.console.profile import post_password, show_profile
from live_agent.console.routes_of_migration import MOVE_ROUTES
from live_agent.console.sessions import (
    post_end,
    post_end_own,
    show_person_sessions,
    show_sessions,
)
from live_agent.console.settings_frame import go_to_settings
from live_agent.console.single_sign_on import post_check_again, show_single_sign_on
from live_agent.console.stream import show_stream
from live_agent.emergency.pages import post_break_glass, show_break_glass
from live_agent.guards import ANYBODY, SIGNED_IN, STREAM, may
from live_agent.help.pages import show_help, show_topic
from live_agent.oauth.backchannel_logout import BACKCHANNEL, post_backchannel_logout
from live_agent.oauth.callback import callback
from live_agent.oauth.events import EVENTS, post_event
from live_agent.oauth.failed import show_failed
from live_agent.oauth.login import show_login
from live_agent.oauth.logout import LOGOUT, post_logout, show_logged_out
from live_agent.oauth.start import start_login
from live_agent.old_login.forgot import FORGOT, post_forgot, show_forgot, show_sent
from live_agent.old_login.link import LINK_PAGE, post_link, show_link
from live_agent.old_login.mailed_link import post_mailed_link, show_mailed_link
from live_agent.old_login.old_links import (
    OLD_LINK,
    post_confirm_link,
    post_password_link,
    show_confirm_link,
    show_done,
    show_password_link,
)
from live_agent.old_login.pages import OLD_LOGIN, post_old_login, show_old_login

PROFILE = "/app/accounts/{account_id:int}/profile"
SETTINGS = "/app/accounts/{account_id:int}/settings"
AGENTS = may(Right.AGENTS_MANAGE)

ROUTES: list[BaseRoute] = [
    # the login by Cognigy.AI
    guarded("GET", "/login", show_login, ANYBODY),
    guarded("GET", "/app/login", show_login, ANYBODY),
    guarded("GET", "/omniauth/cognigy", start_login, ANYBODY),
    guarded("GET", "/omniauth/cognigy/callback", callback, ANYBODY),
    guarded("GET", "/login/failed/{reference}", show_failed, ANYBODY),
    guarded("POST", "/logout", post_logout, LOGOUT),
    # what the platform tells beside a login
    guarded("POST", "/omniauth/cognigy/events", post_event, EVENTS),
    guarded("POST", "/omniauth/cognigy/backchannel-logout", post_backchannel_logout, BACKCHANNEL),
    guarded("GET", "/logged-out", show_logged_out, ANYBODY),
    # the old password, and the proof that an old user is the same person
    guarded("GET", "/old-login", show_old_login, OLD_LOGIN),
    guarded("POST", "/old-login", post_old_login, OLD_LOGIN),
    guarded("GET", FORGOT, show_forgot, ANYBODY),
    guarded("POST", FORGOT, post_forgot, ANYBODY),
    guarded("GET", f"{FORGOT}/sent", show_sent, ANYBODY),
    guarded("GET", "/old-login/password/{secret}", show_password_link, OLD_LINK),
    guarded("POST", "/old-login/password/{secret}", post_password_link, OLD_LINK),
    guarded("GET", "/old-login/confirm/{secret}", show_confirm_link, OLD_LINK),
    guarded("POST", "/old-login/confirm/{secret}", post_confirm_link, OLD_LINK),
    guarded("GET", "/old-login/done", show_done, ANYBODY),
    guarded("GET", "/login/link", show_link, LINK_PAGE),
    guarded("POST", "/login/link", post_link, LINK_PAGE),
    guarded("GET", "/login/link/confirm/{secret}", show_mailed_link, LINK_PAGE),
    guarded("POST", "/login/link/confirm/{secret}", post_mailed_link, LINK_PAGE),
    # the only way in when the platform is down
    guarded("GET", "/break-glass/{secret}", show_break_glass, ANYBODY),
    guarded("POST", "/break-glass/{secret}", post_break_glass, ANYBODY),
    # signed in
    guarded("GET", "/", go_home, ANYBODY),
    guarded("GET", "/app", go_home, ANYBODY),
    guarded("GET", "/app/", go_home, ANYBODY),
    guarded("GET", "/app/accounts/{account_id:int}/dashboard", show_dashboard, SIGNED_IN),
    guarded("POST", "/app/accounts/{account_id:int}/presence", post_presence, SIGNED_IN),
    guarded("GET", "/app/accounts/{account_id:int}/profile", show_profile, SIGNED_IN),
    guarded("POST", "/app/accounts/{account_id:int}/profile/password", post_password, SIGNED_IN),
    guarded("GET", "/app/accounts/{account_id:int}/stream", show_stream, STREAM),
    guarded("POST", f"{PROFILE}/sessions", post_end_own, SIGNED_IN),
    guarded("POST", f"{PROFILE}/api-tokens", post_make, SIGNED_IN),
    guarded("POST", f"{PROFILE}/api-tokens/end", post_end_token, SIGNED_IN),
    *MOVE_ROUTES,
    # settings: pages of whoever has the right
    guarded("GET", "/app/accounts/{account_id:int}/settings", go_to_settings, SIGNED_IN),
    guarded("GET", f"{SETTINGS}/sessions", show_sessions, AGENTS),
    guarded("POST", f"{SETTINGS}/sessions", post_end, AGENTS),
    guarded("GET", f"{SETTINGS}/agents/{{user_id}}/sessions", show_person_sessions, AGENTS),
    guarded("GET", f"{SETTINGS}/agents", show_agents, AGENTS),
    guarded("GET", f"{SETTINGS}/agents/new", show_new_agent, AGENTS),
    guarded("POST", f"{SETTINGS}/agents/new", post_new_agent, AGENTS),
    guarded("GET", f"{SETTINGS}/agents/{{user_id}}", show_agent, AGENTS),
    guarded("POST", f"{SETTINGS}/agents/{{user_id}}", post_agent, AGENT_DEED),
    guarded("POST", f"{SETTINGS}/agents/{{user_id}}/mail", post_mail, AGENT_DEED),
    guarded("GET", f"{SETTINGS}/agents/{{user_id}}/delete", show_delete, AGENT_DEED),
    guarded("POST", f"{SETTINGS}/agents/{{user_id}}/delete", post_delete, AGENT_DEED),
    guarded(
        "GET",
        "/app/accounts/{account_id:int}/settings/account",
        show_account,
        may(Right.ACCOUNT_SETTINGS),
    ),
    guarded(
        "POST",
        "/app/accounts/{account_id:int}/settings/account",
        post_second_approval,
        may(Right.ACCOUNT_SETTINGS),
    ),
    guarded(
        "GET",
        "/app/accounts/{account_id:int}/settings/logins",
        show_login_story,
        may(Right.AUDIT_READ),
    ),
    guarded(
        "GET",
        "/app/accounts/{account_id:int}/settings/single-sign-on",
        show_single_sign_on,
        may(Right.ACCOUNT_SETTINGS),
    ),
    guarded(
        "POST",
        "/app/accounts/{account_id:int}/settings/single-sign-on",
        post_check_again,
        may(Right.ACCOUNT_SETTINGS),
    ),
    guarded("GET", f"{SETTINGS}/differences", show_differences, AGENTS),
    guarded("POST", f"{SETTINGS}/differences", post_differences, AGENTS),
    guarded("GET", f"{SETTINGS}/audit", show_audit, may(Right.AUDIT_READ)),
    guarded("GET", f"{SETTINGS}/audit/export.{{kind}}", show_export, may(Right.AUDIT_READ)),
    guarded("GET", f"{SETTINGS}/agents/{{user_id}}/doors", show_person_doors, AGENTS),
    guarded("POST", f"{SETTINGS}/agents/{{user_id}}/doors", post_person_doors, AGENTS),
    guarded("POST", f"{SETTINGS}/agents/{{user_id}}/doors/let-in", post_let_in, AGENTS),
    guarded("GET", f"{SETTINGS}/agents/{{user_id}}/history", show_history, AGENTS),
    guarded("POST", f"{SETTINGS}/agents/{{user_id}}/history", post_history, AGENTS),
    guarded("GET", f"{SETTINGS}/doors", show_doors, AGENTS),
    guarded("GET", f"{SETTINGS}/conflicts", show_conflicts, AGENTS),
    guarded("GET", f"{SETTINGS}/conflicts/{{conflict_id}}", show_conflict, AGENTS),
    guarded("POST", f"{SETTINGS}/conflicts/{{conflict_id}}", post_conflict, AGENTS),
    # the platform's servers
    ApiMount(api, PREFIXES),
    *openapi_routes(api, ANYBODY),
    # help
    guarded("GET", "/help", show_help, ANYBODY),
    guarded("GET", "/help/{code}", show_topic, ANYBODY),
    *shared_routes("live_agent", ANYBODY),
]
