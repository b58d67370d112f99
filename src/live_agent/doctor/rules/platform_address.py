"""The platform's two addresses, its API and its pages, as each side has them."""

from collections.abc import Collection

from kernel.languages import n_
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place, cognigy_ai, live_agent
from live_agent.doctor.rules.sides import (
    AUTHORIZE,
    LOGIN,
    TOKEN,
    Side,
    api_of,
    base_of,
    origin_of,
    pages_of,
    path_of,
    site_of,
)

SITE, ISSUER = live_agent("COGNIGY_OAUTH_SITE"), live_agent("COGNIGY_OAUTH_ISSUER")
TOKEN_URL = live_agent("COGNIGY_OAUTH_TOKEN_URL")
AUTHORIZE_URL = live_agent("COGNIGY_OAUTH_AUTHORIZE_URL")
UI_LINK = live_agent("COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL")
API_LINK = live_agent("COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL")
BACKEND = cognigy_ai("BACKEND_BASE_URL_WITH_PROTOCOL")
FRONTEND = cognigy_ai("FRONTEND_BASE_URL_WITH_PROTOCOL")

SWAPPED = n_("This is the host of the pages; the API has another one. Are the two swapped?")
SWAPPED_BACK = n_("This is the host of the API; the pages have another one. Are the two swapped?")


def of_api(here: Side, there: Side, proved: Collection[str]) -> list[Finding]:
    """Site, token endpoint and issuer against what the platform calls itself."""
    api, token_url = api_of(there), here.get(TOKEN_URL.key)
    if _platform_is_alone(here, there):
        return [_platform_misnamed(here, there)]
    found = [_site(here, there, proved)]
    if token_url:
        found.append(_token_url(token_url, there, proved))
    if here.get(API_LINK.key):
        found.append(_api_link(here.get(API_LINK.key), api))
    if here.get(ISSUER.key) or not found[0].is_wrong:
        found.append(_issuer(here, there))
    return found


def of_pages(here: Side, there: Side) -> list[Finding]:
    """Where the browser is sent, and the link in the profile menu."""
    if _platform_is_alone(here, there) and not there.get(FRONTEND.key):
        return []  # its pages are named by the same value
    pages, odd = pages_of(there), _pages_are_alone(here, there)
    found = []
    if here.get(AUTHORIZE_URL.key):
        found.append(_authorize_url(here.get(AUTHORIZE_URL.key), there, odd=odd))
    link = here.get(UI_LINK.key)
    if link and not odd:
        told = (Said(UI_LINK, link), Said(FRONTEND, pages))
        same = origin_of(link) == origin_of(pages)
        found.append(
            Finding(
                "cognigy_link", Verdict.OK, n_("The link leads to the platform's pages."), {}, *told
            )
            if same
            else Finding(
                "cognigy_link",
                Verdict.WRONG,
                n_("The link to Cognigy.AI leads to another host than that of its pages."),
                {"pages": pages},
                *told,
                change=(UI_LINK,),
                fix=n_("Write {pages} in COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL."),
            )
        )
    return found


def _platform_is_alone(here: Side, there: Side) -> bool:
    """Do Live Agent's addresses agree with each other, and only the platform's differs?"""
    site, token_url = site_of(here), here.get(TOKEN_URL.key)
    if not token_url.endswith(TOKEN) or site in (api_of(there), pages_of(there)):
        return False
    issuer = here.get(ISSUER.key) or site
    return base_of(token_url.removesuffix(TOKEN)) == site == base_of(issuer)


def _platform_misnamed(here: Side, there: Side) -> Finding:
    site, api = here.get(SITE.key), there.get(BACKEND.key)
    return Finding(
        "api_address",
        Verdict.WRONG,
        n_("All addresses of Live Agent lead to {site}, but Cognigy.AI calls itself {api}."),
        {"site": site_of(here), "api": api},
        Said(SITE, site),
        Said(BACKEND, api or None),
        change=(BACKEND,),
        fix=n_("Write {site} in BACKEND_BASE_URL_WITH_PROTOCOL, or {api} in Live Agent's keys."),
    )


def _site(here: Side, there: Side, proved: Collection[str]) -> Finding:
    site, api = site_of(here), api_of(there)
    told = (Said(SITE, here.get(SITE.key)), Said(BACKEND, there.get(BACKEND.key)))
    if site == api:
        text = n_("The site is the address of the platform's API.")
        return Finding("site", Verdict.OK, text, {}, *told)
    if SITE.key in proved and site != pages_of(there):
        return Finding("site", Verdict.OK, ANOTHER_NAME, {}, *told)
    return Finding(
        "site",
        Verdict.WRONG,
        SWAPPED
        if site == pages_of(there)
        else n_("The site is not the address of the platform's API."),
        {"api": api},
        *told,
        change=(SITE,),
        fix=n_("Write {api} in COGNIGY_OAUTH_SITE."),
    )


ANOTHER_NAME = n_("The platform was reached here, by another name than it calls itself by.")


def _token_url(token_url: str, there: Side, proved: Collection[str]) -> Finding:
    api = api_of(there)
    told = (Said(TOKEN_URL, token_url), Said(BACKEND, api + TOKEN))
    base = base_of(token_url.removesuffix(TOKEN))
    if token_url.endswith(TOKEN) and base == api:
        text = n_("The token endpoint is that of the platform's API.")
        return Finding("token_url", Verdict.OK, text, {}, *told)
    if TOKEN_URL.key in proved and base != pages_of(there):
        return Finding("token_url", Verdict.OK, ANOTHER_NAME, {}, *told)
    at_pages = origin_of(token_url) == origin_of(pages_of(there)) != origin_of(api)
    return Finding(
        "token_url",
        Verdict.WRONG,
        SWAPPED if at_pages else n_("This is not the token endpoint of the platform's API."),
        {"expected": api + TOKEN},
        *told,
        change=(TOKEN_URL,),
        fix=n_("Write {expected} in COGNIGY_OAUTH_TOKEN_URL."),
    )


def _api_link(link: str, api: str) -> Finding:
    told = (Said(API_LINK, link), Said(BACKEND, api))
    if origin_of(link) == origin_of(api):
        text = n_("The address for contact profiles is that of the platform's API.")
        return Finding("api_link", Verdict.OK, text, {}, *told)
    return Finding(
        "api_link",
        Verdict.WRONG,
        n_("The address for contact profiles is not that of the platform's API."),
        {"api": api},
        *told,
        change=(API_LINK,),
        fix=n_("Write {api} in COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL."),
    )


def _issuer(here: Side, there: Side) -> Finding:
    """Byte by byte: it is compared with the `iss` of every token."""
    configured = here.get(ISSUER.key)
    place = ISSUER if configured else SITE
    own = configured or here.get(SITE.key).rstrip("/").removesuffix("/v2.0").rstrip("/")
    issuer = there.get(BACKEND.key).rstrip("/")
    told = (Said(place, own), Said(BACKEND, issuer))
    if own == issuer:
        return Finding("issuer", Verdict.OK, n_("Both sides name the same issuer."), {}, *told)
    return Finding(
        "issuer",
        Verdict.WRONG,
        n_("Live Agent expects another issuer than the one that Cognigy.AI writes in its tokens."),
        {"issuer": issuer},
        *told,
        change=(ISSUER,),
        fix=n_("Write {issuer} in COGNIGY_OAUTH_ISSUER, or leave it out if the site is the same."),
    )


def _pages_are_alone(here: Side, there: Side) -> bool:
    """Do both of Live Agent's addresses of the pages agree, and only the platform's differs?"""
    one, other = here.get(AUTHORIZE_URL.key), here.get(UI_LINK.key)
    if not one or not other or origin_of(one) != origin_of(other):
        return False
    return origin_of(one) not in (origin_of(pages_of(there)), origin_of(api_of(there)))


def _authorize_url(address: str, there: Side, *, odd: bool) -> Finding:
    pages = pages_of(there)
    told = (Said(AUTHORIZE_URL, address), Said(FRONTEND, pages))
    context = {"expected": f"{pages}{LOGIN}?cognigy-live-agent=true", "pages": origin_of(address)}
    change: tuple[Place, ...] = (FRONTEND,) if odd else (AUTHORIZE_URL,)
    fix = n_("Write {expected} in COGNIGY_OAUTH_AUTHORIZE_URL.")
    if origin_of(address) != origin_of(pages):
        at_api = origin_of(address) == origin_of(api_of(there))
        text = n_("The browser is sent to another host than that of the platform's pages.")
        text = SWAPPED_BACK if at_api else text
        fix = n_("Write {pages} in FRONTEND_BASE_URL_WITH_PROTOCOL.") if odd else fix
        return Finding("authorize_url", Verdict.WRONG, text, context, *told, change=change, fix=fix)
    if path_of(address) not in (LOGIN, AUTHORIZE):
        text = n_("The browser is sent to a page that is not the platform's login.")
        return Finding(
            "authorize_url", Verdict.WRONG, text, context, *told, change=(AUTHORIZE_URL,), fix=fix
        )
    text = n_("The browser is sent to the platform's login.")
    return Finding("authorize_url", Verdict.OK, text, context, *told)
