"""/admin/imports in the browser: a file is chosen, its plan is read, the import is followed."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cognigy_ai.imports import actions as imports
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from support.platform import ACME, BASE, Platform, submit
from support.visitor import forms_of

PAGE = "/admin/imports"
GLOBEX = "bbbbbbbbbbbbbbbbbbbbbbbb"
FILE = (
    "email;name;roles\n"
    "ada@acme.example;Ada Lovelace;liveAgentAgent\n"
    "boss@acme.example;The Chief;\n"
    "nobody;Nobody;\n"
    "eve@acme.example;Eve;wizard\n"
)


async def browser_of(platform: Platform, user_id: str) -> httpx.AsyncClient:
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user_id, "pwd", 7200, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


@pytest.fixture
async def boss(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    user = await acme.add_user("boss@acme.example", name="The Boss", roles=("admin",))
    async with await browser_of(acme, user.id) as browser:
        yield browser


async def upload(
    browser: httpx.AsyncClient,
    content: bytes | str = FILE,
    name: str = "people.csv",
    **changes: str,
) -> httpx.Response:
    form = next(f for f in forms_of((await browser.get(PAGE)).text) if f.action == PAGE)
    file = {"file": (name, content if isinstance(content, bytes) else content.encode())}
    fields = {"csrf_token": form.fields["csrf_token"]} | changes
    return await browser.post(PAGE, data=fields, files=file, headers={"origin": BASE})


async def uploaded(browser: httpx.AsyncClient, content: str = FILE) -> str:
    """The address of the plan."""
    answer = await upload(browser, content)
    assert answer.status_code == 303
    return answer.headers["location"]


async def emails(platform: Platform) -> list[str]:
    return [user.email for user in await users.list_users(platform.database, ACME)]


async def test_the_page_says_what_a_file_has_to_look_like(boss: httpx.AsyncClient) -> None:
    page = await boss.get(PAGE)
    assert page.status_code == 200
    assert "<title>Import people · Cognigy.AI</title>" in page.text
    for shown in ("Nothing was imported yet", "<code>roles</code>", "takes none away", "2 MB"):
        assert shown in page.text
    example = await boss.get(f"{PAGE}/example.csv")
    assert example.headers["content-type"] == "text/csv; charset=utf-8"
    assert (await upload(boss, example.content)).status_code == 303


async def test_a_file_leads_to_its_plan_and_changes_nobody(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    page = await boss.get(await uploaded(boss))
    assert "<title>people.csv · Cognigy.AI</title>" in page.text
    for shown in (
        "1 person is new.", "1 person will be changed.", "2 rows will not be imported, because:",
        "There is no role wizard.",
        "This is not an e-mail address.", "Gets liveAgentAgent",
        "New name", "Import 2 people", "Not started", "takes none away",
    ):  # fmt: skip
        assert shown in page.text
    assert await emails(acme) == ["boss@acme.example"]
    assert "refresh" not in page.headers


async def test_an_import_is_started_followed_and_found_again(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    address = await uploaded(boss)
    started = await submit(boss, await boss.get(address), f"{address}/start")
    assert (started.status_code, started.headers["location"]) == (303, address)
    waiting = await boss.get(address)
    assert (waiting.headers["refresh"], "0 / 4" in waiting.text) == ("2", True)
    assert "Waiting" in (await boss.get(PAGE)).text
    await acme.app.state.importer.work()
    done = await boss.get(address)
    assert "refresh" not in done.headers
    for shown in ("The import is done.", "1 new person.", "1 person changed.", "no longer kept"):
        assert shown in done.text
    assert await emails(acme) == ["ada@acme.example", "boss@acme.example"]
    listed = await boss.get(PAGE)
    assert "4 / 4" in listed.text
    assert "people.csv" in listed.text


async def test_starting_twice_is_one_import(acme: Platform, boss: httpx.AsyncClient) -> None:
    address = await uploaded(boss)
    plan = await boss.get(address)
    for _ in range(2):
        again = await submit(boss, plan, f"{address}/start")
        assert again.headers["location"] == address
    await acme.app.state.importer.work()
    assert not await acme.app.state.importer.work()


@pytest.mark.parametrize(("wish", "mails"), [({}, True), ({"invite": "0"}, False)])
async def test_new_people_are_invited_if_the_switch_is_on(
    acme: Platform,
    boss: httpx.AsyncClient,
    wish: dict[str, str],
    mails: bool,  # noqa: FBT001
) -> None:
    address = await uploaded(boss)
    await submit(boss, await boss.get(address), f"{address}/start", **wish)
    found = await imports.get(acme.database, ACME, address.rpartition("/")[2])
    assert found.invite is mails


async def test_a_list_is_discarded(acme: Platform, boss: httpx.AsyncClient) -> None:
    address = await uploaded(boss)
    gone = await submit(boss, await boss.get(address), f"{address}/discard")
    page = await boss.get(gone.headers["location"])
    assert "The list is discarded." in page.text
    assert (await boss.get(address)).status_code == 404


async def test_an_import_is_stopped(acme: Platform, boss: httpx.AsyncClient) -> None:
    address = await uploaded(boss)
    await submit(boss, await boss.get(address), f"{address}/start")
    await submit(boss, await boss.get(address), f"{address}/stop")
    page = await boss.get(address)
    assert "The import was stopped." in page.text
    assert "Not reached" in page.text
    assert not await acme.app.state.importer.work()
    assert await emails(acme) == ["boss@acme.example"]


async def test_a_list_that_changes_nobody_has_no_button(boss: httpx.AsyncClient) -> None:
    address = await uploaded(boss, "email\nboss@acme.example\n")
    page = await boss.get(address)
    assert "This list would change nobody." in page.text
    assert f"{address}/start" not in page.text


async def test_rows_come_in_pages_and_by_outcome(boss: httpx.AsyncClient) -> None:
    many = "email,name\n" + "".join(f"p{n}@acme.example,P {n}\n" for n in range(230)) + "x,X\n"
    address = await uploaded(boss, many)
    first = await boss.get(address)
    assert "Lines 2 to 101" in first.text
    second = await boss.get(f"{address}?after=101")
    assert "Lines 102 to 201" in second.text
    assert f'href="{address}?before=102"' in second.text
    back = await boss.get(f"{address}?before=102")
    assert "Lines 2 to 101" in back.text
    refused = await boss.get(f"{address}?fate=refused")
    assert "Lines" not in refused.text
    assert "p1@acme.example" not in refused.text
    for nonsense in ("after=x", "before=-1", "after=" + "9" * 40, "fate=none", "after=%D9%A1"):
        assert (await boss.get(f"{address}?{nonsense}")).status_code == 200


async def test_the_results_are_a_spreadsheet_without_formulas(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    address = await uploaded(boss, "email,name\n=1+1@acme.example,Ada\n@SUM(A1),Eve\n")
    answer = await boss.get(f"{address}/results.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="import-results.csv"'
    assert answer.headers["cache-control"] == "no-store"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "line,email,outcome,detail"
    assert lines[1].startswith("2,'=1+1@acme.example,")
    assert lines[2].startswith("3,'@SUM(A1),Not imported")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", "This file has no rows"),
        (b"name\nAda", "The column email is missing"),
        (b"email,<b>x</b>\na@acme.example,1", "There is no column &lt;b&gt;x&lt;/b&gt;"),
        ("email,name\na@acme.example,Zoë".encode("latin-1"), "not encoded as UTF-8"),
        (b'email\n"a', "Line 2 cannot be read as CSV"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_in_words(
    boss: httpx.AsyncClient, content: bytes, shown: str
) -> None:
    answer = await upload(boss, content)
    assert answer.status_code == 422
    assert shown in answer.text
    assert 'role="alert"' in answer.text


async def test_without_a_file_the_page_asks_for_one(boss: httpx.AsyncClient) -> None:
    answer = await upload(boss, b"", name="")
    assert answer.status_code == 422
    assert "No file was chosen" in answer.text


async def test_a_file_that_is_too_large_is_refused_in_words(boss: httpx.AsyncClient) -> None:
    for size in (2_097_153, 5_000_000):
        answer = await upload(boss, b"x" * size)
        assert answer.status_code == 413
        assert "This file is larger than 2 MB" in answer.text


async def test_a_file_name_is_shown_as_text_and_without_folders(boss: httpx.AsyncClient) -> None:
    answer = await upload(boss, name="C:\\lists\\<i>people.csv")
    page = await boss.get(answer.headers["location"])
    assert "&lt;i&gt;people.csv" in page.text
    assert "lists" not in page.text


# --- who may ------------------------------------------------------------------------------------


async def test_a_file_without_our_token_is_not_read(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    assert (await upload(boss, csrf_token="forged")).status_code == 403
    file = {"file": ("people.csv", FILE.encode())}
    form = next(f for f in forms_of((await boss.get(PAGE)).text) if f.action == PAGE)
    foreign = await boss.post(
        PAGE,
        data={"csrf_token": form.fields["csrf_token"]},
        files=file,
        headers={"origin": "https://evil.example"},
    )
    assert foreign.status_code == 403
    assert await imports.list_imports(acme.database, ACME) == []


@pytest.mark.parametrize(
    "roles", [("liveAgentAgent",), ("userDetailsViewer",), ("fullSupportUser",)]
)
async def test_without_the_permission_there_is_no_import(
    acme: Platform, roles: tuple[str, ...]
) -> None:
    user = await acme.add_user(roles=roles)
    async with await browser_of(acme, user.id) as browser:
        assert (await browser.get(PAGE)).status_code == 403
        posted = await browser.post(
            PAGE, files={"file": ("people.csv", FILE.encode())}, headers={"origin": BASE}
        )
        assert posted.status_code == 403
    async with acme.browser() as stranger:
        assert (await stranger.get(PAGE)).headers["location"].startswith("/login")
        posted = await stranger.post(PAGE, files={"file": ("people.csv", FILE.encode())})
        assert (posted.status_code, posted.headers["location"]) == (303, "/login")


async def test_an_admin_of_another_organisation_finds_nothing(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    address = await uploaded(boss)
    await acme.add_organisation(GLOBEX, "Globex")
    there = await acme.add_user("x@globex.example", organisation=GLOBEX, roles=("admin",))
    async with await browser_of(acme, there.id) as browser:
        form = next(f for f in forms_of((await browser.get(PAGE)).text) if f.action == PAGE)
        token = {"csrf_token": form.fields["csrf_token"]}
        for path in (address, f"{address}/results.csv", f"{PAGE}/nonsense"):
            assert (await browser.get(path)).status_code == 404
        for deed in ("start", "stop", "discard"):
            answer = await browser.post(f"{address}/{deed}", data=token, headers={"origin": BASE})
            assert answer.status_code == 404
        assert "people.csv" not in (await browser.get(PAGE)).text
    assert (await imports.list_imports(acme.database, ACME))[0].state == "checked"


async def test_somebody_elses_list_is_seen_and_not_started(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    address = await uploaded(boss, FILE.replace("liveAgentAgent", "admin"))
    manager = await acme.add_user("manager@acme.example", roles=("userManager",))
    async with await browser_of(acme, manager.id) as browser:
        page = await browser.get(address)
        assert "Only whoever uploaded the list can start it" in page.text
        assert f"{address}/start" not in page.text
        form: Any = next(f for f in forms_of(page.text) if f.action == f"{address}/discard")
        await browser.post(f"{address}/start", data=form.fields, headers={"origin": BASE})
    assert not await acme.app.state.importer.work()
