"""Every expected failure of Live Agent, and the precise reasons below "OAuth configuration".

Pages, logs, help and documentation are made from these two catalogues. The titles of the first
three problems are known to people and documented; their words do not change.
"""

from enum import unique

from kernel.languages import n_
from kernel.problems import FaultCatalogue, FaultSpec, ProblemCatalogue, ProblemSpec


@unique
class Problem(ProblemCatalogue):
    """What a person is told. `{organisation}` and the like are filled from the context."""

    # --- the login by Cognigy.AI --------------------------------------------------------------
    OAUTH_CONFIGURATION = ProblemSpec(
        status=500,
        title=n_("Something is wrong with the OAuth configuration"),
        user_text=n_(
            "You did nothing wrong. Try again in a moment; if it happens again, send the "
            "reference below to the people who run Live Agent."
        ),
        admin_text=n_(
            "The connection between Live Agent and Cognigy.AI is not set up correctly. Give "
            "the reference to the people who operate both systems: the reason stands in the log."
        ),
        operator_hint="the event `request.refused` with this reference names fault and keys",
        has_help=True,
    )
    ORGANISATION_NOT_FOUND = ProblemSpec(
        status=403,
        title=n_("The user organisation {organisation} was not found in the system"),
        user_text=n_(
            "Your Cognigy.AI organisation has no Live Agent account yet. If you belong to "
            "several organisations, use the account of the one that has Live Agent."
        ),
        admin_text=n_(
            "Ask the operators of Live Agent to set an account up for this organisation, or "
            "to map it to an account that exists. They need the organisation's id above."
        ),
        operator_hint="no account has this organisation: `live-agent accounts create NAME "
        "--organisation ID`, or `live-agent accounts map ACCOUNT --organisation ID`",
        has_help=True,
    )
    USER_NOT_AUTHORISED = ProblemSpec(
        status=403,
        title=n_("The Cognigy user is not authorised to access the system"),
        user_text=n_(
            "Your Cognigy.AI user has no Live Agent role. Ask an administrator of your "
            "organisation for one, then try again."
        ),
        admin_text=n_(
            "Give the user one of these roles in Cognigy.AI: admin, liveAgentAdmin, "
            "liveAgentSupervisor or liveAgentAgent. It counts from the next login."
        ),
        operator_hint="the ID token names no role that COGNIGY_OAUTH_ROLE_MAP knows; compare "
        "COGNIGY_OAUTH_ROLES_CLAIM and the scope `roles`",
        has_help=True,
    )
    LOGIN_CANCELLED = ProblemSpec(
        status=403,
        title=n_("The login was cancelled"),
        user_text=n_(
            "Cognigy.AI says that you did not agree to the login. Nothing has changed; you "
            "can start again."
        ),
        operator_hint="the provider answered `access_denied`",
        has_help=True,
    )
    LOGIN_EXPIRED = ProblemSpec(
        status=400,
        title=n_("The login took too long or was interrupted"),
        user_text=n_(
            "Start the login again. If this page comes back, allow cookies for this site in "
            "your browser."
        ),
        admin_text=n_(
            "A login must end within ten minutes, in the browser in which it began. A "
            "browser that blocks cookies cannot log in."
        ),
        operator_hint="the cookie of the login did not come back with the callback: blocked, "
        "expired, another browser, or SECRET_KEY_BASE differs between replicas",
        has_help=True,
    )
    PROVIDER_UNAVAILABLE = ProblemSpec(
        status=503,
        title=n_("Cognigy.AI cannot log you in at the moment"),
        user_text=n_("Cognigy.AI is busy or being maintained. Try again in a few minutes."),
        admin_text=n_("Look at the status of Cognigy.AI. Live Agent itself is running."),
        operator_hint="the provider itself answered `temporarily_unavailable`, `server_error`, or "
        "status 503",
        has_help=True,
    )
    USER_DISABLED = ProblemSpec(
        status=403,
        title=n_("Your Live Agent user is disabled"),
        user_text=n_("Ask an administrator of your Live Agent account to enable your user."),
        admin_text=n_(
            "Let the person in again under Settings → Agents, on the person's page Ways in. "
            "A login by Cognigy.AI does not do that."
        ),
        operator_hint="`live-agent users enable` for the user with this reference in the audit log",
        has_help=True,
    )
    ORGANISATION_SUSPENDED = ProblemSpec(
        status=403,
        title=n_("Your organisation is suspended"),
        user_text=n_(
            "Nobody of your organisation can use Live Agent at the moment. Ask your administrator."
        ),
        admin_text=n_(
            "The organisation or its Live Agent account was suspended by the operator. Ask "
            "them to resume it."
        ),
        operator_hint="`live-agent accounts show ACCOUNT` says since when it is suspended",
        has_help=True,
    )
    PLATFORM_LOGIN_OFF = ProblemSpec(
        status=403,
        title=n_("This account does not accept logins by Cognigy.AI"),
        user_text=n_(
            "Use your Live Agent password, or ask your administrator to switch the login by "
            "Cognigy.AI on."
        ),
        admin_text=n_("Ask the operator to switch the login by Cognigy.AI on for your account."),
        operator_hint="`live-agent accounts set ACCOUNT --oauth-login on`",
        has_help=True,
    )
    IDENTITY_CONFLICT = ProblemSpec(
        status=409,
        title=n_("Your e-mail address already belongs to somebody else in Live Agent"),
        user_text=n_(
            "An administrator of your Live Agent account has to decide which user is yours. "
            "Your attempt is noted; give them the reference below."
        ),
        admin_text=n_(
            "Several old users have the address, or it belongs to another Cognigy.AI user. "
            "Open Settings → Conflicts in Live Agent and decide which of them is right."
        ),
        operator_hint="`live-agent conflicts list` shows the pair with this reference, and "
        "`live-agent conflicts decide` settles it if no administrator can",
        has_help=True,
    )
    CONFLICT_DECIDED = ProblemSpec(
        status=409,
        title=n_("This conflict has changed meanwhile"),
        user_text=n_(
            "Somebody else decided it, or one of the users is not what the page showed. Nothing "
            "was changed. Open the conflict again and look at it as it is now."
        ),
        operator_hint="two administrators at once, or a login in between; the audit log has both",
    )
    CONFLICT_YOURS = ProblemSpec(
        status=403,
        title=n_("You cannot decide this conflict"),
        user_text=n_(
            "It is about your own user, or you proposed the decision that waits. Ask another "
            "administrator of this account."
        ),
        operator_hint="nobody decides about themselves, nor approves what they proposed: "
        "`live-agent conflicts decide` is the operator's way",
    )
    WAY_BACK_CLOSED = ProblemSpec(
        status=409,
        title=n_("This user cannot be put back"),
        user_text=n_(
            "Only who has moved and is not disabled can be put back, until the time that the "
            "history of the person names. Nothing was changed."
        ),
        operator_hint="not moved, moved longer than WAY_BACK_DAYS ago, disabled, or changed by "
        "somebody else in this moment",
    )
    OLD_LOGIN_CLOSED = ProblemSpec(
        status=409,
        title=n_("The old login of this person is closed"),
        user_text=n_(
            "A link for a password would open nothing. Reopen the old login under Settings, "
            "Migration first, or let the person sign in with Cognigy.AI."
        ),
        operator_hint="`live-agent migration reopen` opens it again",
    )
    BREAK_GLASS_SPENT = ProblemSpec(
        status=410,
        title=n_("This emergency link does not work any more"),
        user_text=n_(
            "It works once, within 10 minutes, and for an enabled administrator. Ask the people "
            "who operate Live Agent for a new one, or sign in with Cognigy.AI."
        ),
        operator_hint="used, expired, replaced by a newer one, or the user is no enabled "
        "administrator any more: `live-agent break-glass` makes a new one",
    )
    EMERGENCY_SESSION = ProblemSpec(
        status=403,
        title=n_("Not in an emergency session"),
        user_text=n_(
            "An emergency session makes nothing that opens Live Agent after its end. Sign in with "
            "Cognigy.AI for this."
        ),
        operator_hint="a break-glass session lasts an hour; API tokens, mailed links, new or "
        "changed people, decided conflicts, opened old logins and a way back would outlive it",
    )
    BREAK_GLASS_REFUSED = ProblemSpec(
        status=409,
        title=n_("No emergency link was made"),
        user_text=n_("Nobody gets in by it: {why}."),
        operator_hint="a break-glass link is for an enabled administrator of an account that is "
        "not suspended",
    )
    LINK_CONFIRMATION = ProblemSpec(
        status=400,
        title=n_("This confirmation is no longer valid"),
        user_text=n_("It was used already, or it is too old. Log in again to start a new one."),
        admin_text=n_(
            "A confirmation can be used once, within 10 minutes, in the browser in which it "
            "was begun."
        ),
        operator_hint="the pending link is unknown, expired or used; the audit log has its steps",
        has_help=True,
    )
    ACCESS_ENDED = ProblemSpec(
        status=403,
        title=n_("Your access has ended"),
        user_text=n_(
            "Your access was changed in Cognigy.AI, so you were logged out. Log in again."
        ),
        admin_text=n_("A role, the password or the state of the user was changed in Cognigy.AI."),
        operator_hint="the session's `ended_because` and the audit log say what ended it",
        has_help=True,
    )
    FAILURE_UNREADABLE = ProblemSpec(
        status=404,
        title=n_("This message can no longer be shown"),
        user_text=n_(
            "It can only be read in the browser in which the login failed, for ten minutes. "
            "Start the login again. If this page comes back, allow cookies for this site in your "
            "browser."
        ),
        operator_hint="the story of a login that failed is in the log, under its reference",
    )
    # --- the old login ------------------------------------------------------------------------
    PASSWORD_REFUSED = ProblemSpec(
        status=403,
        title=n_("The e-mail address or the password is wrong"),
        user_text=n_(
            "If you have already signed in with Cognigy.AI, this password no longer works."
        ),
        operator_hint="the audit log says why: unknown, wrong, moved, disabled or not confirmed",
        has_help=True,
    )
    TOO_MANY_ATTEMPTS = ProblemSpec(
        status=429,
        title=n_("Too many attempts"),
        user_text=n_("Wait until the time below has passed, then try again."),
        admin_text=n_(
            "The lock ends by itself. A browser that the person has logged in with before "
            "is not locked."
        ),
        operator_hint="failures of one typed address or one network, see the table `login_locks`",
        has_help=True,
    )
    # --- the Platform API ---------------------------------------------------------------------
    # --- the old password, and the people who are managed here ---------------------------------
    OLD_LINK_SPENT = ProblemSpec(
        status=410,
        title=n_("This link does not work any more"),
        user_text=n_(
            "It was used, it is too old, a newer one was sent, or your user has moved to "
            "Cognigy.AI: then sign in with Cognigy.AI."
        ),
        admin_text=n_(
            "Look at the person under Settings → Agents. Whoever has moved needs no link; to "
            "others you can send a new one."
        ),
        operator_hint="the link is used, expired or void, or its user moved, is disabled or gone",
    )
    CREDENTIALS_ELSEWHERE = ProblemSpec(
        status=403,
        title=n_("This is changed in Cognigy.AI"),
        user_text=n_(
            "Name, e-mail address, password and roles of people who sign in with Cognigy.AI "
            "belong to Cognigy.AI. Nothing was changed here."
        ),
        admin_text=n_("Open the person in the Admin Center of Cognigy.AI, under Access Control."),
        operator_hint="the user is linked: (issuer, subject) is in `live-agent users list --json`",
    )
    LOCAL_USERS_FROZEN = ProblemSpec(
        status=403,
        title=n_("People are created and changed in Cognigy.AI"),
        user_text=n_(
            "This installation takes no more local users. Create the person in Cognigy.AI and "
            "give a Live Agent role there."
        ),
        admin_text=n_("The operators of Live Agent can allow local users again."),
        operator_hint="LOCAL_USERS is `frozen`; `allowed` lets administrators add local users",
    )
    LAST_ADMINISTRATOR = ProblemSpec(
        status=409,
        title=n_("The last administrator stays one"),
        user_text=n_(
            "Nobody else can administer this account. Give somebody the role first, and let them "
            "sign in once."
        ),
        operator_hint="no other administrator of the account is linked, or confirmed with a "
        "password, and not disabled",
    )
    OWN_USER = ProblemSpec(
        status=409,
        title=n_("This is you"),
        user_text=n_("Ask another administrator to change or delete your user."),
        operator_hint="an administrator tried to change or delete the own user",
    )
    ADDRESS_MAILED_ENOUGH = ProblemSpec(
        status=429,
        title=n_("This address had enough mails for now"),
        user_text=n_("At most three mails an hour go to one address. Try again later."),
        operator_hint="more than MAILS_AN_HOUR mails of one kind to one address",
    )
    LOOK_UPS_TOO_MANY = ProblemSpec(
        status=429,
        title=n_("Your account looked up many logins just now"),
        user_text=n_("Each one asks Cognigy.AI. Wait until the time below has passed."),
        operator_hint="more than LOOK_UPS of `live_agent.app`; `live-agent explain` has no limit",
    )
    PLATFORM_API_OFF = ProblemSpec(
        status=503,
        title=n_("The Platform API is off"),
        user_text=n_("Set COGNIGY_PLATFORM_APP_TOKEN of Live Agent and start it again."),
        operator_hint="COGNIGY_PLATFORM_APP_TOKEN is not set; it equals "
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN of the platform",
    )
    PLATFORM_TOKEN_MISSING = ProblemSpec(
        status=401,
        title=n_("The platform token is missing"),
        user_text=n_("Send the platform token in the header `api_access_token`."),
        operator_hint="a call of the Platform API without the header `api_access_token`; where a "
        "proxy drops names with underscores, send `api-access-token`",
    )
    PLATFORM_TOKEN_WRONG = ProblemSpec(
        status=401,
        title=n_("The platform token is wrong"),
        user_text=n_(
            "Send the value of COGNIGY_PLATFORM_APP_TOKEN. Cognigy.AI has it in "
            "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN."
        ),
        operator_hint="COGNIGY_PLATFORM_APP_TOKEN here and COGNIGY_LIVE_AGENT_PLATFORM_TOKEN of "
        "the platform differ",
    )
    API_TOKEN_REFUSED = ProblemSpec(
        status=401,
        title=n_("The API token is missing or does not work"),
        user_text=n_(
            "Send a token of your profile page in the header `api_access_token`. A token stops "
            "when you end it, and when its owner loses access."
        ),
        operator_hint="no such token, or its owner is disabled, deleted or without a role; where a "
        "proxy drops names with underscores, send `api-access-token`",
    )
    API_TOKEN_UNCONFIRMED = ProblemSpec(
        status=503,
        title=n_("Cognigy.AI could not be asked about the owner of the token for too long"),
        user_text=n_("Send the request again later."),
        operator_hint="the platform did not answer for ACCESS_GRACE_SECONDS; see "
        "`api_token.not_checked` in the log",
    )
    API_TOKENS_TOO_MANY = ProblemSpec(
        status=409,
        title=n_("You cannot make another API token"),
        user_text=n_("Ten work at the same time. End one that you do not need any more."),
        operator_hint="the person has ten tokens that work",
    )
    ACCOUNT_UNKNOWN = ProblemSpec(
        status=404,
        title=n_("There is no such account"),
        user_text=n_("Compare the number with the list of accounts. It may have been deleted."),
        operator_hint="no account has this number, or it is deleted: `live-agent accounts list`",
    )
    USER_UNKNOWN = ProblemSpec(
        status=404,
        title=n_("There is no such user"),
        user_text=n_("Compare the id with the users of the account. They may have been deleted."),
        operator_hint="no user of this account has the id: `live-agent users list`",
    )
    ORGANISATION_DIFFERS = ProblemSpec(
        status=409,
        title=n_("The account belongs to another organisation"),
        user_text=n_("Nothing was changed. Compare the account's number with its organisation."),
        operator_hint="the number that the platform stored is of an account with another "
        "organisation: compare `live-agent accounts show` with `cognigy-ai organisations show`",
    )
    # --- any page -----------------------------------------------------------------------------
    REQUEST_UNREADABLE = ProblemSpec(
        status=400,
        title=n_("The request could not be read"),
        user_text=n_("Go back and try again."),
        operator_hint="a parameter is repeated, too long or not UTF-8",
        oauth_error="invalid_request",
    )
    PAGE_OUT_OF_DATE = ProblemSpec(
        status=403,
        title=n_("The page was out of date"),
        user_text=n_("Nothing was changed. Open the page again and repeat what you did."),
        operator_hint="a form without the token of this browser and session: an old page, blocked "
        "cookies, or a foreign site",
    )
    LAST_ADMIN_UNMOVED = ProblemSpec(
        status=409,
        title=n_("No administrator signs in with Cognigy.AI yet"),
        user_text=n_(
            "An old login can be closed once an administrator of this account has moved. Let one "
            "of them sign in with Cognigy.AI first."
        ),
    )
    CLOSING_DATE_WRONG = ProblemSpec(
        status=400,
        title=n_("This is not a date on which the old login can close"),
        user_text=n_("Choose a day between tomorrow and a year from now."),
    )
    SELECTION_EMPTY = ProblemSpec(
        status=400,
        title=n_("Nobody was selected"),
        user_text=n_("Select at least one person who has not moved, then choose again."),
    )
    RIGHT_MISSING = ProblemSpec(
        status=403,
        title=n_("Your roles do not allow this"),
        user_text=n_(
            "Ask an administrator of this account, or go back. Your dashboard lists what your "
            "roles allow."
        ),
        admin_text=n_("Roles are given in the Admin Center of Cognigy.AI, under Access Control."),
        operator_hint="docs/reference/permissions.md names the roles for each right",
    )
    PAGE_NOT_FOUND = ProblemSpec(
        status=404,
        title=n_("There is no such page"),
        user_text=n_("It may have been moved, or it belongs to an account that is not yours."),
        operator_hint="an unknown path, or a row of another account",
    )
    SERVER_BUSY = ProblemSpec(
        status=503,
        title=n_("Live Agent is busy"),
        user_text=n_("Try again in a few seconds."),
        operator_hint="the database did not answer, or the queue of password checks is full",
        oauth_error="temporarily_unavailable",
        has_help=True,
    )
    INTERNAL_ERROR = ProblemSpec(
        status=500,
        title=n_("Something went wrong in Live Agent"),
        user_text=n_(
            "Try again. If it happens again, send the reference below to the people who run "
            "Live Agent."
        ),
        operator_hint="a fault of the program: the log has the trace under this reference",
        oauth_error="server_error",
    )


# The same things go wrong with each address of the provider.
_NETWORK = "Is the name right, and may this server reach it (DNS, firewall, network policy)?"


def _unreachable(what: str, key: str) -> FaultSpec:
    return FaultSpec(f"Nobody answers at the {what}. {_NETWORK}", (key, "COGNIGY_OAUTH_SITE"))


def _timed_out(what: str, key: str) -> FaultSpec:
    return FaultSpec(f"The {what} did not answer in time.", (key, "COGNIGY_OAUTH_TIMEOUT_SECONDS"))


def _untrusted(what: str, key: str) -> FaultSpec:
    return FaultSpec(
        f"No authority that is known here signed the certificate of the {what}. Give the "
        "authority's certificate in SSL_CA_FILE.",
        ("SSL_CA_FILE", key),
    )


def _expired(what: str, key: str) -> FaultSpec:
    return FaultSpec(
        f"The certificate of the {what} is expired or not valid yet. Renew it, or correct this "
        "server's clock.",
        (key,),
    )


def _other_host(what: str, key: str) -> FaultSpec:
    return FaultSpec(
        f"The certificate of the {what} is for another host name. Use the name in the certificate.",
        (key, "COGNIGY_OAUTH_SITE"),
    )


def _no_tls(what: str, key: str) -> FaultSpec:
    return FaultSpec(
        f"The {what} does not speak TLS, or refuses ours. Is it an http address or port?", (key,)
    )


def _redirected(what: str, key: str) -> FaultSpec:
    return FaultSpec(
        f"The {what} answers with a redirect, which is not followed. Write the final address.",
        (key, "COGNIGY_OAUTH_SITE"),
    )


def _nonsense(what: str, key: str) -> FaultSpec:
    return FaultSpec(
        f"The {what} does not answer as the standard says. Is it the API's address, and not the "
        "login page's or a proxy's?",
        (key, "COGNIGY_OAUTH_SITE"),
    )


_TOKEN = ("token endpoint", "COGNIGY_OAUTH_TOKEN_URL")
_DISCOVERY = ("provider's discovery document", "COGNIGY_OAUTH_ISSUER")
_JWKS = ("provider's key set", "COGNIGY_OAUTH_JWKS_URL")
_USERINFO = ("userinfo endpoint", "COGNIGY_OAUTH_USERINFO_URL")


@unique
class Fault(FaultCatalogue):
    """The precise reason of `oauth_configuration`: for the log, the metric label and the fold."""

    # --- what the provider says of the request ------------------------------------------------
    CLIENT_UNKNOWN = FaultSpec(
        "The provider does not know this client, or does not let it log people in.",
        ("COGNIGY_OAUTH_CLIENT_ID", "CLIENT_ID_COGNIGY_LIVE_AGENT"),
    )
    SECRET_REJECTED = FaultSpec(
        "The token endpoint refuses the client's id and secret. Both sides need the same secret.",
        (
            "COGNIGY_OAUTH_CLIENT_SECRET",
            "CLIENT_SECRET_COGNIGY_LIVE_AGENT",
            "COGNIGY_OAUTH_CLIENT_AUTH",
        ),
    )
    REDIRECT_URI_DIFFERS = FaultSpec(
        "The registered redirect URI is not FRONTEND_URL + /omniauth/cognigy/callback.",
        ("FRONTEND_URL", "REDIRECT_URI_COGNIGY_LIVE_AGENT"),
    )
    SCOPE_REFUSED = FaultSpec(
        "The provider does not allow this client a scope that is asked for.",
        ("COGNIGY_OAUTH_SCOPES",),
    )
    REQUEST_REFUSED = FaultSpec(
        "The provider calls the authorization request wrong. Is it an OpenID Connect provider that "
        "knows the code flow with PKCE?",
        ("COGNIGY_OAUTH_AUTHORIZE_URL", "COGNIGY_OAUTH_SCOPES"),
    )
    RESPONSE_MALFORMED = FaultSpec(
        "The browser came back with neither a code nor an error.",
        ("COGNIGY_OAUTH_AUTHORIZE_URL",),
    )
    GRANT_REFUSED = FaultSpec(
        "The token endpoint refuses the code: already used, expired, made for another redirect URI "
        "or verifier, or the person was signed out everywhere or disabled in between. It was tried "
        "twice.",
        ("FRONTEND_URL", "REDIRECT_URI_COGNIGY_LIVE_AGENT"),
    )
    TOKEN_REQUEST_REFUSED = FaultSpec(
        "The token endpoint calls the request wrong, or does not know the grant type.",
        ("COGNIGY_OAUTH_TOKEN_URL", "COGNIGY_OAUTH_CLIENT_AUTH"),
    )
    # --- the token endpoint ---------------------------------------------------------------------
    TOKEN_ENDPOINT_UNREACHABLE = _unreachable(*_TOKEN)
    TOKEN_ENDPOINT_TIMED_OUT = _timed_out(*_TOKEN)
    TOKEN_ENDPOINT_TLS_UNTRUSTED = _untrusted(*_TOKEN)
    TOKEN_ENDPOINT_TLS_EXPIRED = _expired(*_TOKEN)
    TOKEN_ENDPOINT_TLS_HOSTNAME = _other_host(*_TOKEN)
    TOKEN_ENDPOINT_TLS_FAILED = _no_tls(*_TOKEN)
    TOKEN_ENDPOINT_REDIRECTED = _redirected(*_TOKEN)
    TOKEN_ENDPOINT_ANSWERED_NONSENSE = _nonsense(*_TOKEN)
    # --- discovery ------------------------------------------------------------------------------
    DISCOVERY_UNREACHABLE = _unreachable(*_DISCOVERY)
    DISCOVERY_TIMED_OUT = _timed_out(*_DISCOVERY)
    DISCOVERY_TLS_UNTRUSTED = _untrusted(*_DISCOVERY)
    DISCOVERY_TLS_EXPIRED = _expired(*_DISCOVERY)
    DISCOVERY_TLS_HOSTNAME = _other_host(*_DISCOVERY)
    DISCOVERY_TLS_FAILED = _no_tls(*_DISCOVERY)
    DISCOVERY_REDIRECTED = _redirected(*_DISCOVERY)
    DISCOVERY_ANSWERED_NONSENSE = _nonsense(*_DISCOVERY)
    DISCOVERY_INCOMPLETE = FaultSpec(
        "The discovery document does not name an endpoint that is needed. Write its address.",
        ("COGNIGY_OAUTH_AUTHORIZE_URL", "COGNIGY_OAUTH_TOKEN_URL", "COGNIGY_OAUTH_JWKS_URL"),
    )
    # --- keys -----------------------------------------------------------------------------------
    JWKS_UNREACHABLE = _unreachable(*_JWKS)
    JWKS_TIMED_OUT = _timed_out(*_JWKS)
    JWKS_TLS_UNTRUSTED = _untrusted(*_JWKS)
    JWKS_TLS_EXPIRED = _expired(*_JWKS)
    JWKS_TLS_HOSTNAME = _other_host(*_JWKS)
    JWKS_TLS_FAILED = _no_tls(*_JWKS)
    JWKS_REDIRECTED = _redirected(*_JWKS)
    JWKS_ANSWERED_NONSENSE = _nonsense(*_JWKS)
    # --- userinfo -------------------------------------------------------------------------------
    USERINFO_UNREACHABLE = _unreachable(*_USERINFO)
    USERINFO_TIMED_OUT = _timed_out(*_USERINFO)
    USERINFO_TLS_UNTRUSTED = _untrusted(*_USERINFO)
    USERINFO_TLS_EXPIRED = _expired(*_USERINFO)
    USERINFO_TLS_HOSTNAME = _other_host(*_USERINFO)
    USERINFO_TLS_FAILED = _no_tls(*_USERINFO)
    USERINFO_REDIRECTED = _redirected(*_USERINFO)
    USERINFO_ANSWERED_NONSENSE = _nonsense(*_USERINFO)
    USERINFO_REFUSED = FaultSpec(
        "The userinfo endpoint refuses the access token that the token endpoint gave.",
        ("COGNIGY_OAUTH_USERINFO_URL", "COGNIGY_OAUTH_SCOPES"),
    )
    USERINFO_SUBJECT_DIFFERS = FaultSpec(
        "The userinfo endpoint speaks of another person than the ID token.",
        ("COGNIGY_OAUTH_USERINFO_URL",),
    )
    # --- the ID token, in the order of OpenID Connect Core 3.1.3.7 -----------------------------
    ID_TOKEN_MISSING = FaultSpec(
        "The token endpoint gave no ID token. Ask for the scope `openid`; for a provider that has "
        "none set COGNIGY_OAUTH_ID_TOKEN=absent.",
        ("COGNIGY_OAUTH_SCOPES", "COGNIGY_OAUTH_ID_TOKEN"),
    )
    ID_TOKEN_MALFORMED = FaultSpec(
        "The ID token is not a signed JSON Web Token that can be read.",
        ("COGNIGY_OAUTH_TOKEN_URL",),
    )
    ISSUER_DIFFERS = FaultSpec(
        "The issuer is not the configured one, byte by byte.",
        ("COGNIGY_OAUTH_ISSUER", "COGNIGY_OAUTH_SITE", "BACKEND_BASE_URL_WITH_PROTOCOL"),
    )
    AUDIENCE_DIFFERS = FaultSpec(
        "The ID token was made for another client. Both sides need the same client id.",
        ("COGNIGY_OAUTH_CLIENT_ID", "CLIENT_ID_COGNIGY_LIVE_AGENT"),
    )
    ALGORITHM_NOT_ALLOWED = FaultSpec(
        "The ID token is signed with an algorithm that is not accepted: ES256, RS256 and EdDSA "
        "are. Set another one for this client at the provider.",
    )
    KEY_NOT_FOUND = FaultSpec(
        "The ID token is signed with a key that the provider does not publish. Is the key set of "
        "the same provider?",
        ("COGNIGY_OAUTH_JWKS_URL", "COGNIGY_OAUTH_SITE"),
    )
    SIGNATURE_INVALID = FaultSpec(
        "The signature of the ID token is not the provider's.", ("COGNIGY_OAUTH_JWKS_URL",)
    )
    TOKEN_EXPIRED = FaultSpec(
        "The ID token is expired or too old although both clocks agree. Does a proxy or the "
        "provider keep old answers?",
        ("COGNIGY_OAUTH_CLOCK_SKEW_SECONDS",),
    )
    CLOCK_APART = FaultSpec(
        "The clocks of the two servers are apart. Let both follow a time server (NTP).",
        ("COGNIGY_OAUTH_CLOCK_SKEW_SECONDS",),
    )
    NONCE_DIFFERS = FaultSpec(
        "The ID token belongs to another login. Repeated, it is a replay; always, the provider "
        "does not echo `nonce`.",
    )
    AT_HASH_DIFFERS = FaultSpec("The access token is not the one that the ID token was made with.")
    SUBJECT_MISSING = FaultSpec("The provider does not say who logged in (`sub`).")
    ORGANISATION_MISSING = FaultSpec(
        "The provider does not say to which organisation the person belongs. Ask for the scope "
        "that releases the claim, and name the claim as the provider does.",
        ("COGNIGY_OAUTH_SCOPES", "COGNIGY_OAUTH_ORGANISATION_CLAIM"),
    )


@unique
class Ending(FaultCatalogue):
    """Why somebody's access ended, for the operator; `REMEDIES` is what the person is told."""

    REVOKED = FaultSpec("the platform ended the sessions: a new password, or an administrator did")
    SIGNED_OUT = FaultSpec("the person signed out at the platform")
    ROLES_TAKEN = FaultSpec(
        "no role of the platform gives a role here any more", ("COGNIGY_OAUTH_ROLE_MAP",)
    )
    PASSWORD_SET = FaultSpec(
        "a new old-login password was set: in the profile, by a link, or by a command"
    )
    USER_DISABLED = FaultSpec("the user was disabled at the platform")
    USER_DELETED = FaultSpec("the user was deleted at the platform")
    ORGANISATION_SUSPENDED = FaultSpec("the organisation was suspended at the platform")
    ACCESS_ENDED = FaultSpec("the platform did not accept the session's refresh token any more")
    PLATFORM_UNREACHABLE = FaultSpec(
        "the platform did not answer for so long",
        ("ACCESS_GRACE_SECONDS", "COGNIGY_OAUTH_TOKEN_URL"),
    )
    PUT_BACK = FaultSpec("an administrator put the user back to the old login")
    DOORS_CLOSED = FaultSpec("an administrator, or the operator, closed all doors of the user")
    ENDED_BY_ADMINISTRATOR = FaultSpec("an administrator ended it: Settings, Sessions")
    ENDED_BY_YOURSELF = FaultSpec("the person ended it from another browser: profile, sessions")


ENDINGS = {ending.code: ending for ending in Ending}  # by the session's `ended_because`
REMEDIES = {
    Ending.REVOKED: n_("Your sessions were ended in Cognigy.AI. Sign in again."),
    Ending.SIGNED_OUT: n_("You signed out of Cognigy.AI. Sign in again to go on."),
    Ending.PASSWORD_SET: n_("Your password was changed. Sign in again with the new one."),
    Ending.ROLES_TAKEN: n_(
        "Your role for Live Agent was taken away in Cognigy.AI. Ask an administrator of your "
        "organisation for a role, then sign in again."
    ),
    Ending.USER_DISABLED: n_(
        "Your user was disabled in Cognigy.AI. Ask an administrator of your organisation."
    ),
    Ending.USER_DELETED: n_(
        "Your user was deleted in Cognigy.AI. Ask an administrator of your organisation."
    ),
    Ending.ORGANISATION_SUSPENDED: n_(
        "Nobody of your organisation can use Live Agent at the moment. Ask your administrator."
    ),
    Ending.ACCESS_ENDED: n_("Your access was changed in Cognigy.AI. Sign in again."),
    Ending.PUT_BACK: n_(
        "An administrator put your user back to the old login. A link to set a new password is in "
        "your mail."
    ),
    Ending.DOORS_CLOSED: n_(
        "Your access to Live Agent was closed. Ask an administrator of your Live Agent account."
    ),
    Ending.ENDED_BY_ADMINISTRATOR: n_(
        "An administrator of Live Agent ended your session. Sign in again; if you do not know why "
        "it was ended, ask them."
    ),
    Ending.ENDED_BY_YOURSELF: n_("You ended this session in another browser. Sign in again."),
    Ending.PLATFORM_UNREACHABLE: n_(
        "Cognigy.AI could not be asked about your access for too long. Sign in again; if that "
        "fails, Cognigy.AI is not available."
    ),
}
