"""When userinfo may be believed (OpenID Connect Core section 5.3.2)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from live_agent.cognigy_api.rules.claims import subject_of
from live_agent.cognigy_api.rules.refusal import Refusal, misconfigured
from live_agent.problems import Fault

ID_TOKEN_PARTS = 3


def refusal(members: Mapping[str, Any], id_token: str | None) -> Refusal | None:
    """It must speak of the same person as the ID token that came along, if one did.

    That token came straight from the token endpoint over TLS, so nothing is taken from it but a
    reason to refuse.
    """
    if id_token is None:
        return None
    subject = subject_of(members)
    if subject is not None and subject == subject_of(_payload(id_token)):
        return None
    return misconfigured(Fault.USERINFO_SUBJECT_DIFFERS)


def _payload(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(parts) != ID_TOKEN_PARTS:
        return {}
    try:
        raw = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
