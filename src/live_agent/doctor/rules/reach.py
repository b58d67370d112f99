"""Names, sockets, certificates and answers of the addresses that Live Agent calls."""

from collections.abc import Iterable

from kernel.languages import n_
from live_agent.doctor.rules.facts import Call
from live_agent.doctor.rules.finding import Finding, Verdict
from live_agent.doctor.rules.places import Place, live_agent
from live_agent.doctor.rules.sides import origin_of

AUTHORITY = live_agent("SSL_CA_FILE")
UNAVAILABLE, NOT_ASKED = "unavailable", "not_asked"  # beside the names of Failure
# What concerns the server itself, whatever its address is called with.
OF_THE_SERVER = frozenset(
    {
        "dns",
        "unreachable",
        "timed_out",
        "disconnected",
        "tls_untrusted",
        "tls_expired",
        "tls_hostname",
        "tls_failed",
    }
)

_W, _N = Verdict.WRONG, Verdict.NOT_REACHED
_ADDRESS = n_("Correct the address, or let this server reach it (DNS, firewall, network policy).")
_API = n_("Write the address of the API, and not that of a page or of a proxy.")
_TOLD = {
    "dns": (_W, n_("The name in {origin} does not exist."), _ADDRESS),
    "unreachable": (_N, n_("Nobody answers at {origin}."), _ADDRESS),
    "timed_out": (
        _N,
        n_("{origin} does not answer in time."),
        n_("See whether the server there is overloaded, or whether something drops the packets."),
    ),
    "disconnected": (_N, n_("{origin} breaks the connection off."), _ADDRESS),
    "tls_untrusted": (
        _W,
        n_("Nobody known here signed the certificate of {origin}. {certificate}"),
        n_("Name the file with that authority's certificate in SSL_CA_FILE."),
    ),
    "tls_expired": (
        _W,
        n_("A certificate of {origin} is expired or not valid yet. {certificate}"),
        n_("Renew that certificate, or correct this server's clock."),
    ),
    "tls_hostname": (
        _W,
        n_("The certificate of {origin} is for another name. {certificate}"),
        n_("Write the name that is in the certificate."),
    ),
    "tls_failed": (
        _W,
        n_("{origin} does not speak TLS."),
        n_("Write http or https, and the port, as the server has them."),
    ),
    "redirected": (
        _W,
        n_("The {endpoint} at {url} answers with a redirect, which is not followed."),
        n_("Write the final address."),
    ),
    UNAVAILABLE: (
        _N,
        n_("{origin} says that it is not available at the moment."),
        n_("Wait, or look at the state of the server there."),
    ),
}
_NONSENSE = (_W, n_("The {endpoint} at {url} does not answer as the standard says."), _API)


def judge(calls: Iterable[Call]) -> list[Finding]:
    """One finding for each server that fails, and for each address that answers nonsense."""
    failed = [call for call in calls if not call.answered and call.failure != NOT_ASKED]
    groups: dict[tuple[str, str], list[Call]] = {}
    for call in failed:
        whole = call.failure in OF_THE_SERVER
        where = origin_of(call.url) if whole else call.endpoint
        groups.setdefault((where, call.failure if not whole else ""), []).append(call)
    return [_told(where, group) for (where, _), group in groups.items()]


def _told(where: str, group: list[Call]) -> Finding:
    call = group[0]
    verdict, text, fix = _TOLD.get(call.failure, _NONSENSE)
    places: dict[Place, None] = dict.fromkeys(p for one in group for p in one.places)
    untrusted = call.failure == "tls_untrusted"
    return Finding(
        "reach",
        verdict,
        text,
        {
            "origin": origin_of(call.url),
            "endpoint": call.endpoint,
            "url": call.url.partition("?")[0],
            "certificate": call.certificate,
        },
        change=(AUTHORITY,) if untrusted else tuple(places),
        fix=fix,
        subject=where,
    )
