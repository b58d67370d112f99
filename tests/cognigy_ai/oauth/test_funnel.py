"""The platform's half of a login in numbers: by step, reason and application."""

import httpx
import pytest
from starlette.applications import Starlette

from cognigy_ai.app import build_app
from cognigy_ai.settings import Settings
from kernel.db import Database
from kernel.metrics import Metrics
from support.clock import FrozenClock
from support.relying_party import RelyingParty


@pytest.fixture
def app(app: Starlette, settings: Settings, database: Database, clock: FrozenClock) -> Starlette:
    """The same people, with metrics."""
    return build_app(settings, database, clock, metrics=Metrics(on=True), background=False)


def count(app: Starlette, name: str, **labels: str) -> float:
    return app.state.metrics.registry().get_sample_value(name, labels) or 0


def step(app: Starlette, step: str, **changes: str) -> int:
    labels = {"step": step, "outcome": "ok", "reason": "", "fault": "", "client": ""} | changes
    return int(count(app, "cognigy_ai_login_steps_total", **labels))


async def test_a_login_is_counted_by_step_and_application(app: Starlette, desk: RelyingParty):
    await desk.log_in()
    await desk.tokens()
    assert step(app, "password") == 1
    assert step(app, "authorize", client="desk") >= 1
    assert step(app, "code", client="desk") >= 1
    assert step(app, "token", client="desk") == 1
    assert count(app, "cognigy_ai_tokens_total", grant_type="authorization_code") == 1


async def test_refusals_have_their_reason(app: Starlette, desk: RelyingParty):
    await desk.log_in(password="wrong-password-of-ada")
    await desk.log_in()
    await desk.authorize()
    assert (await desk.redeem(code_verifier="x" * 43)).status_code == 400
    text = app.state.metrics.text()
    assert step(app, "password", outcome="refused", reason="sign_in_refused") == 1
    refused = [line for line in text.splitlines() if 'step="token"' in line]
    assert ['outcome="refused"' in line for line in refused] == [True]


async def test_an_unknown_client_is_counted_and_not_named(
    app: Starlette, http: httpx.AsyncClient, desk: RelyingParty
):
    refused = {"outcome": "refused", "reason": "oauth_configuration", "fault": "client_unknown"}
    await desk.authorize(client_id="somebody-made-this-up")
    assert step(app, "authorize", **refused) == 1
    assert "somebody-made-this-up" not in app.state.metrics.text()
