"""Help is served by the product: guides, and a page for each refusal that links to one."""

import pytest

from cognigy_ai.problems import Problem
from cognigy_ai.settings import Settings
from kernel.languages import Translations
from support.platform import Platform

GUIDES = {
    "set-up-live-agent": "Set up Live Agent",
    "add-agents": "Add agents and admins",
    "configuration-keys": "Configuration keys",
}
EXPLAINED = [problem for problem in Problem if problem.spec.has_help]


@pytest.fixture
def engine() -> str:
    """Nothing here is about the database."""
    return "sqlite"


async def test_the_list_leads_to_every_page(platform: Platform) -> None:
    async with platform.browser() as browser:
        page = await browser.get("/help")
    assert page.status_code == 200
    for slug in (*GUIDES, *(problem.code for problem in EXPLAINED)):
        assert f'href="/help/{slug}"' in page.text


@pytest.mark.parametrize("slug", GUIDES)
@pytest.mark.parametrize("language", ["en", "de", "ja"])
async def test_every_guide_is_there_in_every_language(
    platform: Platform, slug: str, language: str
) -> None:
    async with platform.browser() as browser:
        page = await browser.get(f"/help/{slug}", headers={"accept-language": language})
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    if language == "en":
        assert f"<title>{GUIDES[slug]} · Cognigy.AI</title>" in page.text
    else:
        assert f"<h1>{GUIDES[slug]}</h1>" not in page.text


@pytest.mark.parametrize("problem", EXPLAINED, ids=lambda p: p.code)
async def test_every_refusal_with_help_has_its_page(platform: Platform, problem: Problem) -> None:
    async with platform.browser() as browser:
        page = await browser.get(f"/help/{problem.code}")
    assert page.status_code == 200
    assert problem.code in page.text


@pytest.mark.parametrize("problem", EXPLAINED, ids=lambda p: p.code)
@pytest.mark.parametrize("language", ["de", "ja"])
def test_every_refusal_with_help_is_translated(problem: Problem, language: str) -> None:
    texts = Translations("cognigy_ai")
    for text in (problem.spec.title, problem.spec.user_text, problem.spec.admin_text):
        assert not text or texts.text(language, text) != text


@pytest.mark.parametrize("slug", ["unknown", "page_not_found", "..%2f..%2fetc"])
async def test_there_is_no_other_page(platform: Platform, slug: str) -> None:
    async with platform.browser() as browser:
        assert (await browser.get(f"/help/{slug}")).status_code == 404


async def test_the_guide_of_the_keys_names_every_setting(platform: Platform) -> None:
    async with platform.browser() as browser:
        page = await browser.get("/help/configuration-keys")
    for field in Settings.model_fields.values():
        assert f"<code>{field.validation_alias}</code>" in page.text


async def test_no_value_of_a_secret_is_shown(platform: Platform) -> None:
    """Lesson 57."""
    async with platform.browser() as browser:
        page = await browser.get("/help/configuration-keys")
    for key in ("SECRET_KEY_BASE", "CLIENT_SECRET_COGNIGY_LIVE_AGENT"):
        value = getattr(platform.app.state.settings, key.lower())
        assert value.get_secret_value() not in page.text
