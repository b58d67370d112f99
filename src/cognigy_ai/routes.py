"""Every URL of the platform, in `ROUTES`, with who may reach it and the function that answers."""

from starlette.routing import BaseRoute

from cognigy_ai.admin.audit import show_audit, show_export
from cognigy_ai.admin.imports import (
    post_decline,
    post_discard,
    post_import,
    post_start,
    post_stop,
    show_example,
    show_import,
    show_imports,
    show_results,
)
from cognigy_ai.admin.keys import post_revoke_any_key, show_all_keys, show_any_key
from cognigy_ai.admin.new_user import post_new_user, show_new_user
from cognigy_ai.admin.organisation import go_to_organisation, post_set_up, show_organisation
from cognigy_ai.admin.security import (
    post_enforce,
    post_policy,
    post_two_step,
    show_enforce,
    show_enforced,
    show_security,
)
from cognigy_ai.admin.selection import post_plan, post_selection, show_plan, show_report
from cognigy_ai.admin.start import go_to_first_page
from cognigy_ai.admin.user import post_address, post_user, show_user
from cognigy_ai.admin.user_access import post_role, show_access, show_role
from cognigy_ai.admin.user_deeds import (
    post_delete,
    post_end_sessions,
    post_mail,
    post_reset_two_step,
    post_state,
    show_delete,
)
from cognigy_ai.admin.users import show_users
from cognigy_ai.api.platform_api import API, PREFIXES
from cognigy_ai.guards import ANYBODY, PROTOCOL, SIGNED_IN, may, may_upload
from cognigy_ai.help.pages import show_help, show_topic
from cognigy_ai.oauth.account import post_account, show_account
from cognigy_ai.oauth.answers import ENDPOINT, preflight
from cognigy_ai.oauth.authorize import CROSS_SITE_FORM, post_authorize, show_authorize
from cognigy_ai.oauth.consent import post_consent, show_consent
from cognigy_ai.oauth.discovery import show_jwks, show_metadata, show_metadata_of_path
from cognigy_ai.oauth.entry import set_up as entry_set_up
from cognigy_ai.oauth.entry.code import post_code, show_code
from cognigy_ai.oauth.entry.new_password import post_new_password, show_new_password
from cognigy_ai.oauth.entry.organisation import post_organisation_choice, show_organisation_choice
from cognigy_ai.oauth.entry.visit import ENTRY
from cognigy_ai.oauth.introspect import post_introspect
from cognigy_ai.oauth.login import LOGIN_FORM, post_login, show_login_or_authorize
from cognigy_ai.oauth.logout import end_session, post_logout, show_logged_out
from cognigy_ai.oauth.organisations import (
    post_organisations,
    show_organisations,
    show_organisations_sent,
)
from cognigy_ai.oauth.probe import post_probe
from cognigy_ai.oauth.revoke import post_revoke
from cognigy_ai.oauth.step_pages import STEP
from cognigy_ai.oauth.story import post_story
from cognigy_ai.oauth.token import post_token
from cognigy_ai.oauth.userinfo import show_userinfo
from cognigy_ai.profile import two_step, two_step_set_up
from cognigy_ai.profile.applications import post_disconnect, show_applications
from cognigy_ai.profile.email_change import (
    post_cancel,
    post_confirm,
    post_email,
    show_confirm,
    show_confirmed,
    show_email,
)
from cognigy_ai.profile.forgot import post_forgot, show_forgot, show_sent
from cognigy_ai.profile.history import show_history
from cognigy_ai.profile.keys import post_key, post_revoke_key, show_key, show_keys
from cognigy_ai.profile.pages import go_home, post_password, post_person, show_profile
from cognigy_ai.profile.password_link import (
    LINK,
    post_password_link,
    show_done,
    show_password_link,
)
from cognigy_ai.profile.sessions import post_end, post_end_others, show_sessions
from cognigy_ai.roles.rules import Permission
from kernel.web.api.application import ApiMount
from kernel.web.api.page import openapi_routes
from kernel.web.guards import guarded
from kernel.web.shared import shared_routes

ROUTES: list[BaseRoute] = [
    # the login, in its order
    guarded("GET", "/auth/oauth2/authorize", show_authorize, ANYBODY),
    guarded("POST", "/auth/oauth2/authorize", post_authorize, CROSS_SITE_FORM),
    guarded("GET", "/login", show_login_or_authorize, ANYBODY),
    guarded("POST", "/login", post_login, LOGIN_FORM),
    guarded("GET", "/login/account", show_account, STEP),
    guarded("POST", "/login/account", post_account, STEP),
    guarded("GET", "/login/consent", show_consent, STEP),
    guarded("POST", "/login/consent", post_consent, STEP),
    guarded("POST", "/auth/oauth2/token", post_token, ENDPOINT),
    guarded("GET POST", "/auth/oauth2/userinfo", show_userinfo, ENDPOINT),
    guarded("POST", "/auth/oauth2/introspect", post_introspect, ENDPOINT),
    guarded("POST", "/auth/oauth2/revoke", post_revoke, ENDPOINT),
    guarded("POST", "/auth/oauth2/probe", post_probe, PROTOCOL),
    guarded("POST", "/auth/oauth2/story", post_story, PROTOCOL),
    guarded("OPTIONS", "/auth/oauth2/token", preflight, ENDPOINT),
    guarded("OPTIONS", "/auth/oauth2/userinfo", preflight, ENDPOINT),
    guarded("OPTIONS", "/auth/oauth2/revoke", preflight, ENDPOINT),
    guarded("GET", "/auth/oauth2/logout", end_session, ANYBODY),
    guarded("POST", "/auth/oauth2/logout", end_session, CROSS_SITE_FORM),
    guarded("POST", "/logout", post_logout, ANYBODY),
    guarded("GET", "/logged-out", show_logged_out, ANYBODY),
    # what clients read of us
    guarded("GET", "/.well-known/openid-configuration", show_metadata, ENDPOINT),
    guarded("GET", "/.well-known/oauth-authorization-server", show_metadata, ENDPOINT),
    guarded(
        "GET",
        "/.well-known/oauth-authorization-server/{path:path}",
        show_metadata_of_path,
        ENDPOINT,
    ),
    guarded("GET", "/.well-known/jwks.json", show_jwks, ENDPOINT),
    # a person's own pages
    guarded("GET", "/", go_home, ANYBODY),
    guarded("GET", "/profile", show_profile, SIGNED_IN),
    guarded("POST", "/profile/password", post_password, SIGNED_IN),
    guarded("GET", "/password/set/{secret}", show_password_link, LINK),
    guarded("POST", "/password/set/{secret}", post_password_link, LINK),
    guarded("GET", "/password/done", show_done, ANYBODY),
    # --- a person's sessions, applications and keys
    guarded("POST", "/profile", post_person, SIGNED_IN),
    guarded("GET", "/profile/sessions", show_sessions, SIGNED_IN),
    guarded("POST", "/profile/sessions/end-others", post_end_others, SIGNED_IN),
    guarded("POST", "/profile/sessions/{session_id}/end", post_end, SIGNED_IN),
    guarded("GET", "/profile/history", show_history, SIGNED_IN),
    guarded("GET", "/profile/applications", show_applications, SIGNED_IN),
    guarded("POST", "/profile/applications/{client_id}/disconnect", post_disconnect, SIGNED_IN),
    # --- forgotten password, new address
    guarded("GET", "/password/forgot", show_forgot, ANYBODY),
    guarded("POST", "/password/forgot", post_forgot, ANYBODY),
    guarded("GET", "/password/forgot/sent", show_sent, ANYBODY),
    guarded("GET", "/password/reset/{secret}", show_password_link, LINK),
    guarded("POST", "/password/reset/{secret}", post_password_link, LINK),
    guarded("GET", "/profile/email", show_email, SIGNED_IN),
    guarded("POST", "/profile/email", post_email, SIGNED_IN),
    guarded("POST", "/profile/email/cancel", post_cancel, SIGNED_IN),
    guarded("GET", "/email/confirm/{secret}", show_confirm, ANYBODY),
    guarded("POST", "/email/confirm/{secret}", post_confirm, ANYBODY),
    guarded("GET", "/email/confirmed", show_confirmed, ANYBODY),
    # --- two-step login, and the steps between password and session
    guarded("GET", "/login/organisation", show_organisation_choice, ENTRY),
    guarded("POST", "/login/organisation", post_organisation_choice, ENTRY),
    guarded("GET", "/login/code", show_code, ENTRY),
    guarded("POST", "/login/code", post_code, ENTRY),
    guarded("GET", "/login/two-step", entry_set_up.show_set_up, ENTRY),
    guarded("POST", "/login/two-step", entry_set_up.post_set_up, ENTRY),
    guarded("GET", "/login/recovery-codes", entry_set_up.show_codes, ENTRY),
    guarded("POST", "/login/recovery-codes", entry_set_up.post_codes, ENTRY),
    guarded("GET", "/login/recovery-codes.txt", entry_set_up.show_codes_file, ENTRY),
    guarded("GET", "/login/new-password", show_new_password, ENTRY),
    guarded("POST", "/login/new-password", post_new_password, ENTRY),
    guarded("GET", "/login/organisations", show_organisations, ANYBODY),
    guarded("POST", "/login/organisations", post_organisations, ANYBODY),
    guarded("GET", "/login/organisations/sent", show_organisations_sent, ANYBODY),
    guarded("GET", "/profile/two-step", two_step.show_two_step, SIGNED_IN),
    guarded("POST", "/profile/two-step/begin", two_step_set_up.post_begin, SIGNED_IN),
    guarded("GET", "/profile/two-step/set-up", two_step_set_up.show_set_up, SIGNED_IN),
    guarded("POST", "/profile/two-step/set-up", two_step_set_up.post_set_up, SIGNED_IN),
    guarded("GET", "/profile/two-step/codes", two_step_set_up.show_codes, SIGNED_IN),
    guarded("POST", "/profile/two-step/codes", two_step_set_up.post_codes, SIGNED_IN),
    guarded("GET", "/profile/two-step/codes.txt", two_step_set_up.show_codes_file, SIGNED_IN),
    guarded("GET", "/profile/two-step/new-codes", two_step.show_new_codes, SIGNED_IN),
    guarded("POST", "/profile/two-step/new-codes", two_step.post_new_codes, SIGNED_IN),
    guarded("GET", "/profile/two-step/turn-off", two_step.show_turn_off, SIGNED_IN),
    guarded("POST", "/profile/two-step/turn-off", two_step.post_turn_off, SIGNED_IN),
    # Admin Center
    guarded("GET", "/admin", go_to_first_page, SIGNED_IN),
    # --- Access Control
    guarded("GET", "/admin/users", show_users, may(Permission.USERS_READ)),
    guarded("GET", "/admin/users/new", show_new_user, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/users/new", post_new_user, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/users/selection", post_selection, may(Permission.ROLES_GIVE)),
    guarded("GET", "/admin/users/selection", show_plan, may(Permission.ROLES_GIVE)),
    guarded("POST", "/admin/users/selection/apply", post_plan, may(Permission.ROLES_GIVE)),
    guarded("GET", "/admin/users/selection/report", show_report, may(Permission.ROLES_GIVE)),
    guarded("GET", "/admin/users/{user_id}", show_user, may(Permission.USERS_READ)),
    guarded("POST", "/admin/users/{user_id}", post_user, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/users/{user_id}/email", post_address, may(Permission.USERS_WRITE)),
    guarded("GET", "/admin/users/{user_id}/live-agent", show_access, may(Permission.USERS_READ)),
    guarded("GET", "/admin/users/{user_id}/roles/{role}", show_role, may(Permission.USERS_READ)),
    guarded("POST", "/admin/users/{user_id}/roles/{role}", post_role, may(Permission.ROLES_GIVE)),
    guarded("POST", "/admin/users/{user_id}/state", post_state, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/users/{user_id}/mail", post_mail, may(Permission.USERS_WRITE)),
    guarded(
        "POST",
        "/admin/users/{user_id}/end-sessions",
        post_end_sessions,
        may(Permission.USERS_WRITE),
    ),
    guarded(
        "POST",
        "/admin/users/{user_id}/reset-two-step",
        post_reset_two_step,
        may(Permission.USERS_WRITE),
    ),
    guarded("GET", "/admin/users/{user_id}/delete", show_delete, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/users/{user_id}/delete", post_delete, may(Permission.USERS_WRITE)),
    # --- imports and audit events
    guarded("GET", "/admin/imports", show_imports, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/imports", post_import, may_upload(Permission.USERS_WRITE)),
    guarded("GET", "/admin/imports/example.csv", show_example, may(Permission.USERS_WRITE)),
    guarded("GET", "/admin/imports/{import_id}", show_import, may(Permission.USERS_WRITE)),
    guarded("POST", "/admin/imports/{import_id}/start", post_start, may(Permission.USERS_WRITE)),
    guarded(
        "POST", "/admin/imports/{import_id}/decline", post_decline, may(Permission.USERS_WRITE)
    ),
    guarded("POST", "/admin/imports/{import_id}/stop", post_stop, may(Permission.USERS_WRITE)),
    guarded(
        "POST", "/admin/imports/{import_id}/discard", post_discard, may(Permission.USERS_WRITE)
    ),
    guarded(
        "GET", "/admin/imports/{import_id}/results.csv", show_results, may(Permission.USERS_WRITE)
    ),
    guarded("GET", "/admin/audit", show_audit, may(Permission.AUDIT_READ)),
    guarded("GET", "/admin/audit/export.{kind}", show_export, may(Permission.AUDIT_READ)),
    # --- organisation: Live Agent
    guarded("GET", "/admin/organisation", show_organisation, may(Permission.ORGANISATION_READ)),
    guarded("GET", "/admin/organisation/live-agent", go_to_organisation, SIGNED_IN),
    guarded(
        "POST", "/admin/organisation/live-agent", post_set_up, may(Permission.ORGANISATION_WRITE)
    ),
    # --- organisation: security
    guarded("GET", "/admin/security", show_security, may(Permission.ORGANISATION_WRITE)),
    guarded("POST", "/admin/security", post_policy, may(Permission.ORGANISATION_WRITE)),
    guarded("POST", "/admin/security/two-step", post_two_step, may(Permission.ORGANISATION_WRITE)),
    guarded("GET", "/admin/security/enforce", show_enforce, may(Permission.ORGANISATION_WRITE)),
    guarded("POST", "/admin/security/enforce", post_enforce, may(Permission.ORGANISATION_WRITE)),
    guarded("GET", "/password/enforced", show_enforced, ANYBODY),
    # --- API keys, and the JSON API
    guarded("GET", "/profile/keys", show_keys, SIGNED_IN),
    guarded("POST", "/profile/keys", post_key, may(Permission.API_KEYS_OWN)),
    guarded("GET", "/profile/keys/{key_id}", show_key, SIGNED_IN),
    guarded("POST", "/profile/keys/{key_id}/revoke", post_revoke_key, SIGNED_IN),
    guarded("GET", "/admin/keys", show_all_keys, may(Permission.API_KEYS_ALL)),
    guarded("GET", "/admin/keys/{key_id}", show_any_key, may(Permission.API_KEYS_ALL)),
    guarded(
        "POST", "/admin/keys/{key_id}/revoke", post_revoke_any_key, may(Permission.API_KEYS_ALL)
    ),
    ApiMount(API, PREFIXES),
    *openapi_routes(API, ANYBODY),
    # help
    guarded("GET", "/help", show_help, ANYBODY),
    guarded("GET", "/help/{code}", show_topic, ANYBODY),
    *shared_routes("cognigy_ai", ANYBODY),
]
