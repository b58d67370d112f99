"""Everything that Cognigy.AI refuses, and what each reader is told. Pages, JSON and help use it.

A title that travels by protocol is an `error_description`: printable ASCII without quotation mark
or backslash (RFC 6749 section 5.2).
"""

from enum import unique

from kernel.languages import n_
from kernel.problems import FaultCatalogue, FaultSpec, ProblemCatalogue, ProblemSpec

START_AGAIN = "Go back to the application and sign in again."
PROTOCOL = "The application has to be corrected; signing in again does not help."


@unique
class Problem(ProblemCatalogue):
    # --- pages ------------------------------------------------------------------------------------
    OAUTH_CONFIGURATION = ProblemSpec(
        status=500,
        title=n_("Something is wrong with the OAuth configuration"),
        user_text=n_(
            "Nothing is wrong with your account. Tell your administrator the reference "
            "below; signing in again helps only after the configuration was corrected."
        ),
        admin_text=n_(
            "The application that sent you here is not registered with this client id and "
            "this redirect URI. Both sides have to be set to the same values."
        ),
        operator_hint="compare with `cognigy-ai clients show CLIENT_ID`",
        oauth_error="invalid_request",
        redirectable=False,
        has_help=True,
    )
    PAGE_NOT_FOUND = ProblemSpec(
        status=404,
        title=n_("There is no such page"),
        user_text=n_("Check the address, or go to the start page."),
        operator_hint="no route has this path, or the person may not know that it exists",
    )
    PAGE_OUT_OF_DATE = ProblemSpec(
        status=403,
        title=n_("This page was out of date"),
        user_text=n_("Nothing was changed. Load the page again and repeat what you wanted to do."),
        admin_text=n_(
            "It happens when somebody signs in or out in another tab, or when the browser "
            "refuses cookies."
        ),
        operator_hint="CSRF token not of this browser and session, or the Origin is another site's",
        has_help=True,
    )
    PERMISSION_MISSING = ProblemSpec(
        status=403,
        title=n_("You do not have the permission for this"),
        user_text=n_(
            "Ask an administrator of your organisation for a role that gives it, or go back."
        ),
        admin_text=n_(
            "Roles are given in the Admin Center under Access Control. Only an admin gives the "
            "role admin and changes people who have it."
        ),
        operator_hint="docs/reference/permissions.md names the roles for each permission",
        oauth_error="insufficient_scope",
        has_help=True,
    )
    REQUEST_UNREADABLE = ProblemSpec(
        status=400,
        title=n_("The request could not be read"),
        user_text=n_("Go back and try again."),
        admin_text=n_("The program that sent you here made a request that breaks the standard."),
        operator_hint="see the event's `fault_text`: encoding, a repeated parameter, or size",
        oauth_error="invalid_request",
        has_help=True,
    )
    SERVER_BUSY = ProblemSpec(
        status=503,
        title=n_("Cognigy.AI is busy at the moment"),
        user_text=n_("Wait a few seconds and try again."),
        admin_text=n_(
            "Many people sign in at once, or the database does not answer. If it lasts "
            "longer than a minute, tell the operator."
        ),
        operator_hint="the database does not answer, or the queue for password checks is full",
        oauth_error="temporarily_unavailable",
        has_help=True,
    )
    INTERNAL_ERROR = ProblemSpec(
        status=500,
        title=n_("Something went wrong at our side"),
        user_text=n_("Try again. If it happens again, send the reference below to support."),
        operator_hint="an unhandled exception: see `request.failed` with the same reference",
        oauth_error="server_error",
    )
    TOO_MANY_ATTEMPTS = ProblemSpec(
        status=429,
        title=n_("There were too many attempts"),
        user_text=n_("Wait until the time below is over, then try again."),
        admin_text=n_(
            "Failed sign-ins are counted for each address and for each network. The lock "
            "ends by itself; a browser that was used before is not locked by others."
        ),
        operator_hint="login_locks has a row that is locked; failures alone are counted",
        oauth_error="temporarily_unavailable",
        has_help=True,
    )
    SIGN_IN_REFUSED = ProblemSpec(
        status=400,
        title=n_("E-mail or password is wrong"),
        user_text=n_(
            "Check both and try again. If you have forgotten the password, ask your "
            "administrator for a new password link."
        ),
        admin_text=n_(
            "The same words stand for an unknown address, a wrong password, a disabled "
            "user and a suspended organisation."
        ),
        operator_hint="see the log event `login.refused` with this reference for the reason",
        has_help=True,
    )
    SEVERAL_ORGANISATIONS = ProblemSpec(
        status=400,
        title=n_("You have an account in several organisations"),
        user_text=n_(
            "Sign in with the link of your organisation: its address ends with "
            "organisationId= and the id of the organisation."
        ),
        admin_text=n_("Give your people the sign-in link with the id of your organisation."),
        operator_hint="one e-mail and password fits users of several organisations",
        has_help=True,
    )
    USER_DISABLED = ProblemSpec(
        status=403,
        title=n_("This user is disabled"),
        user_text=n_("Ask an administrator of your organisation."),
        admin_text=n_("Enable the user with the command cognigy-ai users enable."),
        operator_hint="cognigy-ai users enable",
        has_help=True,
    )
    ORGANISATION_SUSPENDED = ProblemSpec(
        status=403,
        title=n_("This organisation is suspended"),
        user_text=n_("Ask an administrator of your organisation."),
        admin_text=n_("Ask the operator of this installation to resume the organisation."),
        operator_hint="cognigy-ai organisations resume",
        has_help=True,
    )
    PASSWORD_LINK_SPENT = ProblemSpec(
        status=410,
        title=n_("This link was used already or is too old"),
        user_text=n_("Ask your administrator for a new password link."),
        admin_text=n_("A password link works once and for a limited time. Make a new one."),
        operator_hint="cognigy-ai users password-link",
        has_help=True,
    )
    LOGOUT_REQUEST_REFUSED = ProblemSpec(
        status=400,
        title=n_("The application asked to sign out in a way that is not accepted"),
        user_text=n_("You are still signed in. You can sign out on your profile page."),
        admin_text=n_("The application named a client id that its own ID token does not have."),
        operator_hint="client_id and the audience of id_token_hint differ "
        "(RP-Initiated Logout 1.0 section 2)",
    )
    # --- the authorization endpoint: told to the client by redirect -------------------------------
    RESPONSE_TYPE_MISSING = ProblemSpec(
        status=400,
        title="The parameter response_type is missing",
        user_text=PROTOCOL,
        operator_hint="RFC 6749 section 3.1.1",
        oauth_error="invalid_request",
    )
    RESPONSE_TYPE_UNSUPPORTED = ProblemSpec(
        status=400,
        title="Only the response_type code is supported",
        user_text=PROTOCOL,
        operator_hint="implicit and hybrid flows are not offered (RFC 9700 section 2.1.2)",
        oauth_error="unsupported_response_type",
    )
    RESPONSE_MODE_UNSUPPORTED = ProblemSpec(
        status=400,
        title="Only the response_mode query is supported",
        user_text=PROTOCOL,
        operator_hint="see response_modes_supported of the discovery document",
        oauth_error="invalid_request",
    )
    PARAMETER_TOO_LONG = ProblemSpec(
        status=400,
        title="A parameter is too long",
        user_text=PROTOCOL,
        operator_hint="state up to 2000 characters, nonce up to 500",
        oauth_error="invalid_request",
    )
    SCOPE_INVALID = ProblemSpec(
        status=400,
        title="The scope is not one that this client may ask for",
        user_text=PROTOCOL,
        operator_hint="compare with the scopes in `cognigy-ai clients show CLIENT_ID`",
        oauth_error="invalid_scope",
    )
    PROMPT_INVALID = ProblemSpec(
        status=400,
        title="The parameter prompt has a value that is not allowed",
        user_text=PROTOCOL,
        operator_hint="none stands alone (OpenID Connect Core section 3.1.2.1)",
        oauth_error="invalid_request",
    )
    MAX_AGE_INVALID = ProblemSpec(
        status=400,
        title="The parameter max_age is not a number of seconds",
        user_text=PROTOCOL,
        operator_hint="OpenID Connect Core section 3.1.2.1",
        oauth_error="invalid_request",
    )
    ID_TOKEN_HINT_INVALID = ProblemSpec(
        status=400,
        title="The id_token_hint was not issued here for this client",
        user_text=PROTOCOL,
        operator_hint="signature, issuer or audience of the hint is another's",
        oauth_error="invalid_request",
    )
    CODE_CHALLENGE_MISSING = ProblemSpec(
        status=400,
        title="PKCE is required: code_challenge is missing",
        user_text=PROTOCOL,
        operator_hint="RFC 7636 section 4.4.1; `--pkce optional` exists for confidential clients",
        oauth_error="invalid_request",
    )
    CODE_CHALLENGE_METHOD_UNSUPPORTED = ProblemSpec(
        status=400,
        title="The code_challenge_method has to be S256",
        user_text=PROTOCOL,
        operator_hint="a missing method means plain (RFC 7636 section 4.3)",
        oauth_error="invalid_request",
    )
    CODE_CHALLENGE_MALFORMED = ProblemSpec(
        status=400,
        title="The code_challenge is not 43 characters of base64url",
        user_text=PROTOCOL,
        operator_hint="RFC 7636 section 4.2: BASE64URL(SHA256(verifier)) without padding",
        oauth_error="invalid_request",
    )
    NONCE_MISSING = ProblemSpec(
        status=400,
        title="Without PKCE the parameter nonce is required",
        user_text=PROTOCOL,
        operator_hint="RFC 9700 section 2.1.1; the client is registered with `pkce: optional`",
        oauth_error="invalid_request",
    )
    REQUEST_NOT_SUPPORTED = ProblemSpec(
        status=400,
        title="The parameter request is not supported",
        user_text=PROTOCOL,
        operator_hint="OpenID Connect Core section 6.1",
        oauth_error="request_not_supported",
    )
    REQUEST_URI_NOT_SUPPORTED = ProblemSpec(
        status=400,
        title="The parameter request_uri is not supported",
        user_text=PROTOCOL,
        operator_hint="OpenID Connect Core section 6.2",
        oauth_error="request_uri_not_supported",
    )
    REGISTRATION_NOT_SUPPORTED = ProblemSpec(
        status=400,
        title="The parameter registration is not supported",
        user_text=PROTOCOL,
        operator_hint="OpenID Connect Core section 7.2.1",
        oauth_error="registration_not_supported",
    )
    LOGIN_REQUIRED = ProblemSpec(
        status=400,
        title="The person has to sign in",
        user_text=START_AGAIN,
        operator_hint="prompt=none without a session that fits the request",
        oauth_error="login_required",
    )
    CONSENT_REQUIRED = ProblemSpec(
        status=400,
        title="The person has to consent",
        user_text=START_AGAIN,
        operator_hint="prompt=none, and this client asks for consent that was not given",
        oauth_error="consent_required",
    )
    ACCESS_DENIED = ProblemSpec(
        status=403,
        title="The person refused",
        user_text=START_AGAIN,
        operator_hint="Cancel was pressed on the consent page",
        oauth_error="access_denied",
    )
    # --- clients, at every endpoint where they authenticate ---------------------------------------
    CLIENT_AUTHENTICATION_FAILED = ProblemSpec(
        status=401,
        title="Client authentication failed",
        user_text=PROTOCOL,
        operator_hint="client id unknown, secret differs, or the method is not the registered one: "
        "see the event's `reason`",
        oauth_error="invalid_client",
        redirectable=False,
    )
    CLIENT_AUTHENTICATION_REPEATED = ProblemSpec(
        status=400,
        title="The client authenticated in two ways at once",
        user_text=PROTOCOL,
        operator_hint="an Authorization header and client_secret in the body (RFC 6749 2.3)",
        oauth_error="invalid_request",
        redirectable=False,
    )
    CLIENT_GUESSED_TOO_OFTEN = ProblemSpec(
        status=429,
        title="Client authentication failed too often, try again later",
        user_text=PROTOCOL,
        operator_hint="this client id sent wrong secrets from this network (RFC 6749 2.3.1)",
        oauth_error="invalid_client",
        redirectable=False,
    )
    CLIENT_NOT_ALLOWED = ProblemSpec(
        status=400,
        title="This client may not use this grant type",
        user_text=PROTOCOL,
        operator_hint="compare with the grant types in `cognigy-ai clients show CLIENT_ID`",
        oauth_error="unauthorized_client",
    )
    # --- the token endpoint -----------------------------------------------------------------------
    PARAMETER_MISSING = ProblemSpec(
        status=400,
        title="The parameter {parameter} is missing",
        user_text=PROTOCOL,
        operator_hint="RFC 6749 section 5.2",
        oauth_error="invalid_request",
        redirectable=False,
    )
    GRANT_TYPE_UNSUPPORTED = ProblemSpec(
        status=400,
        title="This grant_type is not supported",
        user_text=PROTOCOL,
        operator_hint="see grant_types_supported of the discovery document",
        oauth_error="unsupported_grant_type",
        redirectable=False,
    )
    CODE_UNKNOWN = ProblemSpec(
        status=400,
        title="The code is not one of this client",
        user_text=START_AGAIN,
        operator_hint="altered, another client's, or of another installation",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    CODE_ALREADY_USED = ProblemSpec(
        status=400,
        title="The code was used before",
        user_text=START_AGAIN,
        operator_hint="a retry, two replicas, or a stolen code: its tokens were revoked",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    CODE_EXPIRED = ProblemSpec(
        status=400,
        title="The code has expired",
        user_text=START_AGAIN,
        operator_hint="compare CODE_LIFETIME_SECONDS with the latency of the client",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    CODE_FOR_OTHER_REDIRECT_URI = ProblemSpec(
        status=400,
        title="The redirect_uri is not the one of the authorization request",
        user_text=START_AGAIN,
        operator_hint="RFC 6749 section 4.1.3",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    CODE_OVERTAKEN = ProblemSpec(
        status=400,
        title="The person, their rights or their session changed since the code was issued",
        user_text=START_AGAIN,
        operator_hint="user disabled or changed, organisation suspended, or session ended",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    PKCE_MISMATCH = ProblemSpec(
        status=400,
        title="The code_verifier does not fit the code_challenge",
        user_text=START_AGAIN,
        operator_hint="the client mixed up two logins, or somebody injected a code (RFC 7636 4.6)",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    REFRESH_TOKEN_UNKNOWN = ProblemSpec(
        status=400,
        title="The refresh token is not valid",
        user_text=START_AGAIN,
        operator_hint="unknown, expired, revoked, another client's, or its person lost access",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    REFRESH_TOKEN_REUSED = ProblemSpec(
        status=400,
        title="The refresh token was used before, and the grant is revoked",
        user_text=START_AGAIN,
        operator_hint="two holders of one token (RFC 9700 section 4.14), or a client that lost "
        "answers for longer than REFRESH_GRACE_SECONDS",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    TOKEN_OF_OTHER_CLIENT = ProblemSpec(
        status=400,
        title="The token was issued to another client",
        user_text=PROTOCOL,
        operator_hint="only the client that a token was issued to may revoke it (RFC 7009 2.1)",
        oauth_error="invalid_grant",
        redirectable=False,
    )
    # --- bearer tokens (RFC 6750 section 3.1) -----------------------------------------------------
    BEARER_TOKEN_REPEATED = ProblemSpec(
        status=400,
        title="The access token was sent in a way that is not accepted",
        user_text=PROTOCOL,
        operator_hint="twice, or in the query (RFC 6750 section 2, RFC 9700 section 4.3.2)",
        oauth_error="invalid_request",
        redirectable=False,
    )
    ACCESS_TOKEN_INVALID = ProblemSpec(
        status=401,
        title="The access token is not valid",
        user_text=START_AGAIN,
        operator_hint="unknown, expired, revoked, or its person lost access",
        oauth_error="invalid_token",
        redirectable=False,
    )
    SCOPE_INSUFFICIENT = ProblemSpec(
        status=403,
        title="The access token does not speak of a person",
        user_text=PROTOCOL,
        operator_hint="userinfo needs a token of a login, not of client_credentials",
        oauth_error="insufficient_scope",
        redirectable=False,
    )
    # --- what the command line and forms may be refused -------------------------------------------
    NAME_INVALID = ProblemSpec(
        status=400,
        title="A name has to be 1 to 200 characters",
        user_text="Write a name.",
    )
    ORGANISATION_UNKNOWN = ProblemSpec(
        status=404,
        title="There is no organisation {organisation_id}",
        user_text="Check the id: `cognigy-ai organisations list` shows all.",
    )
    ORGANISATION_EXISTS = ProblemSpec(
        status=409,
        title="There is an organisation {organisation_id} already",
        user_text="Choose another id, or leave it out to get a new one.",
    )
    ORGANISATION_ID_INVALID = ProblemSpec(
        status=400,
        title="An organisation id has 24 lower-case hexadecimal characters",
        user_text="Correct it, or leave it out to get a new one.",
    )
    EMAIL_INVALID = ProblemSpec(
        status=400,
        title="This is not an e-mail address",
        user_text="Write an address such as ada@example.com.",
    )
    USER_UNKNOWN = ProblemSpec(
        status=404,
        title="There is no such user",
        user_text="Check the e-mail address and the organisation.",
    )
    USER_AMBIGUOUS = ProblemSpec(
        status=409,
        title="Several organisations have a user with this e-mail address",
        user_text="Name the organisation too.",
    )
    USER_EXISTS = ProblemSpec(
        status=409,
        title="The organisation has a user with this e-mail address already",
        user_text="Change that user, or use another address.",
    )
    ROLE_UNKNOWN = ProblemSpec(
        status=400,
        title="There is no role {role}",
        user_text="The roles are: {roles}",
    )
    LAST_ADMINISTRATOR = ProblemSpec(
        status=409,
        title="This is the last administrator of the organisation",
        user_text="Give somebody else the role admin first.",
    )
    PASSWORD_WEAK = ProblemSpec(
        status=400,
        title="This password is too weak ({weakness})",
        user_text="Use at least 12 characters that are not built on your name or address.",
    )
    CLIENT_NOT_FOUND = ProblemSpec(
        status=404,
        title="There is no client {client_id}",
        user_text="Check the id: `cognigy-ai clients list` shows all.",
    )
    CLIENT_EXISTS = ProblemSpec(
        status=409,
        title="There is a client {client_id} already",
        user_text="Change that client, or choose another id.",
    )
    CLIENT_INVALID = ProblemSpec(
        status=400,
        title="The client {client_id} cannot be registered so: {fault_text}",
        user_text="Correct it and try again.",
    )
    # --- a person's sessions, applications and keys
    # --- passwords, links and addresses
    # --- two-step login, and the steps between password and session
    # --- Access Control
    # --- imports and audit events
    # --- Live Agent
    # --- the JSON API


class OAuthFault(FaultCatalogue):
    """The precise reason behind `oauth_configuration` on the platform's own page."""

    CLIENT_ID_MISSING = FaultSpec(
        "the authorization request has no client_id", ("COGNIGY_OAUTH_CLIENT_ID",)
    )
    CLIENT_UNKNOWN = FaultSpec(
        "no client with that id is registered here, or it is disabled",
        ("CLIENT_ID_COGNIGY_LIVE_AGENT", "COGNIGY_OAUTH_CLIENT_ID"),
    )
    REDIRECT_URI_MISSING = FaultSpec(
        "the authorization request has no redirect_uri", ("REDIRECT_URI_COGNIGY_LIVE_AGENT",)
    )
    REDIRECT_URI_DIFFERS = FaultSpec(
        "the redirect_uri is not in the client's list; it is compared character by character",
        ("REDIRECT_URI_COGNIGY_LIVE_AGENT", "FRONTEND_URL"),
    )
    PARAMETER_REPEATED = FaultSpec("the authorization request cannot be read")
