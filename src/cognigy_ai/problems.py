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
            "role admin and changes people who have it. Nobody gives a role that allows more than "
            "their own roles do."
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
            "Check both and try again. If you have forgotten the password, choose "
            '"Forgot password?" above the field.'
        ),
        admin_text=n_(
            "The same words stand for an unknown address, a wrong password, a disabled "
            "user and a suspended organisation."
        ),
        operator_hint="see the log event `login.refused` with this reference for the reason",
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
        user_text=n_(
            'Choose "Forgot password?" on the sign-in page to get another one by mail. If nothing '
            "comes, ask an administrator of your organisation for an invitation."
        ),
        admin_text=n_(
            "A link works once: 30 minutes if the person asked for it, 7 days as an invitation. A "
            "newer link, another password or address and the end of the account make it void."
        ),
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
    PLATFORM_TOKEN_REFUSED = ProblemSpec(
        status=401,
        title="The platform token is not the one of this side",
        user_text=PROTOCOL,
        operator_hint="COGNIGY_LIVE_AGENT_PLATFORM_TOKEN here and COGNIGY_PLATFORM_APP_TOKEN of "
        "Live Agent differ, or it is unset here: see the event's `reason`",
        oauth_error="invalid_token",
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
        title=n_("A name has to be 1 to 200 characters"),
        user_text=n_("Write a name."),
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
        title=n_("This is not an e-mail address"),
        user_text=n_("Write an address such as ada@example.com."),
    )
    USER_UNKNOWN = ProblemSpec(
        status=404,
        title=n_("There is no such user"),
        user_text=n_("Check the address and the organisation: the person may have been deleted."),
    )
    USER_AMBIGUOUS = ProblemSpec(
        status=409,
        title="Several organisations have a user with this e-mail address",
        user_text="Name the organisation too.",
    )
    USER_EXISTS = ProblemSpec(
        status=409,
        title=n_("The organisation has a user with this e-mail address already"),
        user_text=n_("Change that user, or use another address."),
    )
    ROLE_UNKNOWN = ProblemSpec(
        status=400,
        title=n_("There is no role {role}"),
        user_text=n_("The roles are: {roles}"),
    )
    LAST_ADMINISTRATOR = ProblemSpec(
        status=409,
        title=n_("This is the last administrator of the organisation"),
        user_text=n_("Give somebody else the role admin first."),
    )
    CLIENT_NOT_FOUND = ProblemSpec(
        status=404,
        title="There is no client {client_id}",
        user_text="Check the id: `cognigy-ai clients list` shows all.",
    )
    SIGNAL_UNKNOWN = ProblemSpec(
        status=404,
        title="There is no signal {signal}",
        user_text="Check the id: `cognigy-ai signals list` shows the newest.",
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
    KEY_UNKNOWN = ProblemSpec(
        status=404,
        title="There is no signing key {kid}",
        user_text="Check the id: `cognigy-ai keys list` shows all.",
    )
    KEY_SIGNS = ProblemSpec(
        status=409,
        title="The key {kid} signs at present",
        user_text="Make another one first (cognigy-ai keys rotate --alg {alg} --at-once).",
        operator_hint="only a key that does not sign any more can be retired",
    )
    SESSION_UNKNOWN = ProblemSpec(
        status=404,
        title=n_("There is no such session"),
        user_text=n_("Go back to your profile: it lists where you are signed in."),
        operator_hint="the session is another person's, or was removed a month after its end",
    )
    # --- passwords, links and addresses
    EMAIL_UNCHANGED = ProblemSpec(
        status=422,
        title=n_("This is the e-mail address that the account has already"),
        user_text=n_("Enter another address, or leave everything as it is."),
    )
    POLICY_CHANGED = ProblemSpec(
        status=409,
        title=n_("What a password must be was changed just now"),
        user_text=n_("No password was set. Go back, and choose one by the new rules."),
        operator_hint="the password policy was saved between the check and the write",
    )
    EMAIL_TAKEN = ProblemSpec(
        status=409,
        title=n_("Somebody else in the organisation has this e-mail address"),
        user_text=n_(
            "Nothing was changed. Use another address, or ask an administrator of your "
            "organisation who has this one."
        ),
        admin_text=n_(
            "An address belongs to one person in an organisation. Change or delete the other one "
            "first; then the same link works, until it is a day old."
        ),
        operator_hint="cognigy-ai users list",
        has_help=True,
    )
    EMAIL_LINK_SPENT = ProblemSpec(
        status=410,
        title=n_("This link was used already or is too old"),
        user_text=n_(
            "Look at your profile: it shows the address that counts. There you can ask for "
            "another link."
        ),
        admin_text=n_(
            "A link that confirms a new address works once and for a day. A newer link, another "
            "password and the end of the account make it void."
        ),
        operator_hint="audit events user.address_change_asked and user.address_changed",
        has_help=True,
    )
    # --- two-step login, and the steps between password and session
    CODE_WRONG = ProblemSpec(
        status=400,
        title=n_("This code is not right"),
        user_text=n_(
            "Type the code that the app shows now; each works once. If it is refused again, check "
            "that the clock of your telephone is set automatically."
        ),
        admin_text=n_(
            "Somebody who has lost both the telephone and the recovery codes needs the two-step "
            "login reset, in the Admin Center under Access Control."
        ),
        operator_hint="one-time password of another time step, used before, or of another secret",
        has_help=True,
    )
    SIGN_IN_OVER = ProblemSpec(
        status=400,
        title=n_("This sign-in is over"),
        user_text=n_(
            "It took longer than ten minutes, went on in another tab, or the password was "
            "changed meanwhile. Nothing is lost: sign in again."
        ),
        operator_hint="the login under way was of another request, browser or password",
        has_help=True,
    )
    TWO_STEP_CHANGED = ProblemSpec(
        status=409,
        title=n_("Your two-step login was changed in another window"),
        user_text=n_("Load the page again: it shows how things stand."),
        operator_hint="set up, moved or turned off between the page and its form",
    )
    TWO_STEP_REQUIRED = ProblemSpec(
        status=409,
        title=n_("Your organisation requires two-step login"),
        user_text=n_("It cannot be turned off. You can move it to another telephone instead."),
        admin_text=n_("It is required in the Admin Center under Security."),
        operator_hint="organisations.two_step_required",
    )
    # --- Access Control
    OWN_ACCOUNT = ProblemSpec(
        status=409,
        title=n_("This is your own account"),
        user_text=n_(
            "Your e-mail address and your two-step login are changed on your profile page. Nobody "
            "disables or deletes their own account: ask another administrator."
        ),
        operator_hint="`cognigy-ai users` can do it",
    )
    BASE_ROLE_STAYS = ProblemSpec(
        status=409,
        title=n_("Everybody has the role base_role"),
        user_text=n_("It gives no access by itself. Disable the person to end all access."),
        operator_hint="base_role cannot be taken",
    )
    ADDRESS_IS_VERIFIED = ProblemSpec(
        status=409,
        title=n_("The person uses the present e-mail address"),
        user_text=n_(
            "Another address counts after the person has used the link that is mailed to it."
        ),
        operator_hint="change it by a mailed link, or by the command line",
    )
    ADDRESS_MAILED_ENOUGH = ProblemSpec(
        status=429,
        title=n_("Three mails went to this address within an hour"),
        user_text=n_("Nothing was sent or changed. Wait an hour for another one."),
        operator_hint="mails to one address are counted, whoever asks for them",
    )
    ORGANISATION_MAILED_ENOUGH = ProblemSpec(
        status=429,
        title=n_("Your organisation has sent too many mails within an hour"),
        user_text=n_("Nothing was sent or changed. Try again in an hour."),
        operator_hint="MAILS_OF_AN_ORGANISATION in users/mail_limits.py; imports wait and go on",
    )
    USER_IS_DISABLED = ProblemSpec(
        status=409,
        title=n_("The person is disabled"),
        user_text=n_("Nothing was sent. Enable the person first."),
        operator_hint="nobody who may not log in is mailed a link",
    )
    LOCALE_UNKNOWN = ProblemSpec(
        status=400,
        title=n_("This language is not available"),
        user_text=n_("Choose one of: {locales}."),
        operator_hint="see LOCALES",
    )
    # --- imports and audit events
    UPLOAD_TOO_LARGE = ProblemSpec(
        status=413,
        title=n_("This file is larger than 2 MB"),
        user_text=n_("Go back and choose a smaller file, or split it into several."),
        operator_hint="a limit of the program (kernel.web.forms), not a setting",
    )
    IMPORT_FILE_MISSING = ProblemSpec(
        status=422,
        title=n_("No file was chosen"),
        user_text=n_("Choose a CSV file with a header line and one line for each person."),
    )
    IMPORT_NOT_UTF8 = ProblemSpec(
        status=422,
        title=n_("This file is not encoded as UTF-8"),
        user_text=n_('Save it once more as "CSV UTF-8", then choose it again.'),
    )
    IMPORT_EMPTY = ProblemSpec(
        status=422,
        title=n_("This file has no rows"),
        user_text=n_("Below the header line there has to be one line for each person."),
    )
    IMPORT_NOT_CSV = ProblemSpec(
        status=422,
        title=n_("Line {line} cannot be read as CSV"),
        user_text=n_("Look for a quotation mark without its partner in that line or above."),
    )
    IMPORT_COLUMN_MISSING = ProblemSpec(
        status=422,
        title=n_("The column {column} is missing"),
        user_text=n_("The first line names the columns: email, name, roles, locale."),
    )
    IMPORT_COLUMN_UNKNOWN = ProblemSpec(
        status=422,
        title=n_("There is no column {column}"),
        user_text=n_("The first line names the columns: email, name, roles, locale."),
    )
    IMPORT_COLUMN_REPEATED = ProblemSpec(
        status=422,
        title=n_("The column {column} stands there twice"),
        user_text=n_("The first line names the columns: email, name, roles, locale."),
    )
    IMPORT_TOO_LONG = ProblemSpec(
        status=422,
        title=n_("This file has more than {most} rows"),
        user_text=n_("Split it into several files and import one after the other."),
    )
    IMPORT_NOT_STARTED = ProblemSpec(
        status=409,
        title=n_("This import cannot be started"),
        user_text=n_("It runs already, is over, or somebody else uploaded the file."),
    )
    PROPOSALS_TOO_MANY = ProblemSpec(
        status=429,
        title=n_("Too many proposals wait for a decision"),
        user_text=n_("An administrator starts or discards some of them in the Admin Center."),
    )
    # --- Live Agent
    LIVE_AGENT_NOT_INSTALLED = ProblemSpec(
        status=409,
        title=n_(
            "Please contact your system administrator in order to install and configure "
            "Cognigy Live Agent"
        ),
        user_text=n_("Give the people who operate Cognigy.AI the reference below."),
        operator_hint="set FEATURE_USE_COGNIGY_LIVE_AGENT and the keys beside it",
        has_help=True,
    )
    LIVE_AGENT_CONFIGURATION = ProblemSpec(
        status=500,
        title=n_("The connection to Live Agent is not configured correctly"),
        user_text=n_(
            "Nothing is lost, and you did nothing wrong. Give the people who operate Cognigy.AI "
            "the reference below; trying again helps only after they corrected it."
        ),
        admin_text=n_(
            "Cognigy.AI calls Live Agent with an address and a token that both sides have to "
            "agree on. Which of them is wrong stands below, for operators."
        ),
        operator_hint="the fault names the keys of both sides; compare them",
        has_help=True,
    )
    LIVE_AGENT_UNAVAILABLE = ProblemSpec(
        status=503,
        title=n_("Live Agent does not answer at the moment"),
        user_text=n_(
            "Wait a minute and try again. Nothing is lost: what Live Agent has made already is "
            "found again and never made twice."
        ),
        admin_text=n_("If it lasts longer, give the operators the reference below."),
        operator_hint="is Live Agent running, and reachable from this server?",
        has_help=True,
    )
    LIVE_AGENT_ACCOUNT_SUSPENDED = ProblemSpec(
        status=409,
        title=n_("Your organisation has account {account} in Live Agent, and it is suspended"),
        user_text=n_(
            "Ask the people who operate Live Agent to resume the account, then press the "
            "button again. It keeps its number and everything in it."
        ),
        operator_hint="`live-agent accounts resume ACCOUNT`, or leave it suspended",
        has_help=True,
    )
    LIVE_AGENT_ACCOUNT_DIFFERS = ProblemSpec(
        status=409,
        title=n_(
            "Live Agent names account {account} for your organisation, but {stored} is stored here"
        ),
        user_text=n_(
            "One of the two systems was restored from a backup. Nothing was changed; the "
            "people who operate both have to say which number is right."
        ),
        operator_hint="`cognigy-ai organisations adopt ORGANISATION` takes Live Agent's number",
        has_help=True,
    )
    LIVE_AGENT_ACCOUNT_UNKNOWN = ProblemSpec(
        status=404,
        title="Live Agent has no account {account}",
        user_text="Check the number: `live-agent accounts list` shows all.",
    )
    LIVE_AGENT_ACCOUNT_MISSING = ProblemSpec(
        status=404,
        title="Live Agent has no account for the organisation {organisation_id}",
        user_text="Set it up with `cognigy-ai organisations set-up-live-agent`; if a number of "
        "before is still stored, forget it first with `cognigy-ai organisations forget-account`.",
    )
    LIVE_AGENT_ACCOUNT_TAKEN = ProblemSpec(
        status=409,
        title="Account {account} of Live Agent does not belong to the organisation "
        "{organisation_id}",
        user_text="Map it first: `live-agent accounts map ACCOUNT --organisation ID`.",
    )
    # --- the JSON API
    API_KEY_UNKNOWN = ProblemSpec(
        status=404,
        title=n_("There is no such API key"),
        user_text=n_("It may have been removed: keys are, three months after their end."),
        operator_hint="or it is another person's or another organisation's",
    )
    API_KEY_END_INVALID = ProblemSpec(
        status=400,
        title=n_("An API key has to end within a year"),
        user_text=n_("Choose 30, 90 or 365 days, or a day from today on."),
    )
    API_KEYS_TOO_MANY = ProblemSpec(
        status=409,
        title=n_("You have {most} valid API keys, and there may not be more"),
        user_text=n_("Revoke one that is no longer used, then make the new one."),
    )
    API_KEY_ENDED = ProblemSpec(
        status=409,
        title=n_("This API key has ended"),
        user_text=n_("Make a new one instead."),
    )
    CREDENTIAL_MISSING = ProblemSpec(
        status=401,
        title="The request has no API key and no access token",
        user_text="Send an API key in the header X-API-Key, or an access token as "
        "Authorization: Bearer.",
    )
    CREDENTIAL_INVALID = ProblemSpec(
        status=401,
        title="The API key or access token is not valid",
        user_text="Make a new API key on your profile page, or sign in again for a new token.",
        operator_hint="unknown, expired or revoked, its owner is disabled or may have no keys, "
        "or the organisation is suspended",
        oauth_error="invalid_token",
    )
    CREDENTIALS_SEVERAL = ProblemSpec(
        status=400,
        title="The request has several credentials",
        user_text="Send one: X-API-Key or Authorization: Bearer.",
        operator_hint="the caller sends a key and a token, or one of them twice",
        oauth_error="invalid_request",
    )
    CREDENTIAL_IN_QUERY = ProblemSpec(
        status=400,
        title="The request has a credential in its address",
        user_text="Send it in the header X-API-Key, and revoke the key: addresses are logged.",
        operator_hint="the credential was not looked at; proxies may have it in their logs",
        oauth_error="invalid_request",
    )
    API_SCOPE_MISSING = ProblemSpec(
        status=403,
        title="The access token was not given for the API",
        user_text="Sign in with the scope api, or bind the client's own token to one "
        "organisation: scope=organisationId=<id>.",
        operator_hint="the client has to be registered with the scope api, and ask for it",
        oauth_error="insufficient_scope",
    )
    OPERATOR_KEY_NEEDED = ProblemSpec(
        status=403,
        title="Only a key of an operator may do this",
        user_text="An operator makes one: cognigy-ai api-keys create --operator NAME.",
    )
    CURSOR_INVALID = ProblemSpec(
        status=400,
        title="The value of next is not one that this list gave",
        user_text="Begin the list again without next; keep the other parameters the same.",
    )
    ORGANISATION_MISSING = ProblemSpec(
        status=400,
        title="The request does not say of which organisation",
        user_text="Name it: a key of an operator has none itself. People are made in one by "
        "POST /management/v2.0/users.",
    )
    PASSWORD_REFUSED = ProblemSpec(
        status=400,
        title="This password is not accepted",
        user_text="{faults}",
    )
    AUDIT_EVENT_UNKNOWN = ProblemSpec(
        status=404,
        title="There is no such audit event",
        user_text="Check the id; events are kept for a limited time.",
    )


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


_URLS = (
    "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL",
    "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL",
)
_HERE, _THERE = "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", "COGNIGY_PLATFORM_APP_TOKEN"


@unique
class LiveAgentFault(FaultCatalogue):
    """Why Live Agent's Platform API was of no use: the key, and the side that has it."""

    FEATURE_OFF = FaultSpec(
        "the integration is switched off in Cognigy.AI", ("FEATURE_USE_COGNIGY_LIVE_AGENT",)
    )
    ADDRESS_UNSET = FaultSpec("Cognigy.AI has no address of Live Agent", _URLS)
    TOKEN_UNSET = FaultSpec(
        "Cognigy.AI has no platform token; it equals COGNIGY_PLATFORM_APP_TOKEN of Live Agent",
        (_HERE,),
    )
    HOST_UNKNOWN = FaultSpec("the host name of Live Agent does not resolve from this server", _URLS)
    UNREACHABLE = FaultSpec("nobody accepts connections at the address of Live Agent", _URLS)
    TIMED_OUT = FaultSpec("Live Agent did not answer in time", _URLS)
    TLS_UNTRUSTED = FaultSpec(
        "no authority that Cognigy.AI knows signed the certificate of Live Agent",
        (*_URLS, "SSL_CA_FILE"),
    )
    TLS_EXPIRED = FaultSpec("the certificate of Live Agent has expired or is not valid yet", _URLS)
    TLS_HOSTNAME = FaultSpec("the certificate at Live Agent's address is another host's", _URLS)
    TLS_FAILED = FaultSpec("the peer at Live Agent's address does not speak TLS", _URLS)
    REDIRECTED = FaultSpec(
        "the address answers with a redirect: write the one that it leads to", _URLS
    )
    BROKEN_OFF = FaultSpec("the answer of Live Agent broke off", _URLS)
    NOT_LIVE_AGENT = FaultSpec(
        "what answers there is not Live Agent's Platform API: another program, or a proxy", _URLS
    )
    TOO_OLD = FaultSpec(
        "this Live Agent has no Platform API: bring it to the version of Cognigy.AI, or correct "
        "the path in the address",
        _URLS,
    )
    TOKEN_WRONG = FaultSpec(
        "Live Agent refuses the platform token: Cognigy.AI's and Live Agent's key differ",
        (_HERE, _THERE),
    )
    TOKEN_LOST = FaultSpec(
        "the platform token does not reach Live Agent: a proxy drops the header api-access-token, "
        "or Live Agent is older and knows api_access_token only (nginx: underscores_in_headers on)",
        _URLS,
    )
    TOKEN_UNSET_THERE = FaultSpec("Live Agent has no platform token", (_THERE,))
    THROTTLED = FaultSpec(
        "Live Agent counted too many wrong platform tokens from this server; the right one passes "
        "at once",
        (_HERE, _THERE),
    )
    REFUSED = FaultSpec("Live Agent refuses the request; the event's `detail` says its code")
    FAILED = FaultSpec("Live Agent failed: its log has an event with the same reference")
    ACCOUNT_SUSPENDED = FaultSpec(
        "the account was suspended by `live-agent accounts suspend` or with its organisation"
    )
    ACCOUNT_DIFFERS = FaultSpec(
        "the numbers differ since a restored backup; `cognigy-ai organisations adopt` corrects it"
    )
