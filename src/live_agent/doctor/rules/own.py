"""What Live Agent needs beside the platform: settings, database, mail, and its own address."""

from kernel.languages import n_
from live_agent.doctor.rules.finding import Finding, Said, Verdict
from live_agent.doctor.rules.places import Place, System, live_agent

DATABASE, SMTP = live_agent("DATABASE_URL"), live_agent("SMTP_ADDRESS")
HOST, SMTP_PASSWORD = live_agent("POSTGRES_HOST"), live_agent("SMTP_PASSWORD")
BUS = live_agent("REDIS_URL")
UPGRADE = Place(System.LIVE_AGENT, "live-agent database upgrade")
OWN, PROXIES = live_agent("FRONTEND_URL"), live_agent("TRUSTED_PROXIES")


def setting(key: str, fault: str, fix: str) -> Finding:
    """A value that the start refuses."""
    place = live_agent(key)
    return Finding(
        "setting",
        Verdict.WRONG,
        "{key} {fault}.",
        {"key": key, "fault": fault, "fix": fix},
        change=(place,),
        fix="{fix}.",
        subject=key,
    )


def database(mismatch: str = "", outage: str = "", *, by_host: bool = False) -> Finding:
    """`mismatch` is why the tables do not fit, `outage` why the database does not answer."""
    if outage:
        return Finding(
            "database",
            Verdict.WRONG,
            n_("The database does not answer ({outage})."),
            {"outage": outage},
            change=(HOST if by_host else DATABASE,),
            fix=n_("Correct address, name and password, or start the database."),
        )
    if mismatch:
        return Finding(
            "database",
            Verdict.WRONG,
            n_("The tables do not fit this program. {mismatch}"),
            {"mismatch": mismatch},
            change=(UPGRADE,),
            fix="live-agent database upgrade",
        )
    return Finding(
        "database", Verdict.OK, n_("The database answers, and its tables fit this program.")
    )


def mail(fault: str | None, *, configured: bool) -> Finding:
    """`fault` is why a mail would not leave."""
    if not configured:
        return Finding("mail", Verdict.NOT_ASKED, n_("No mail server is set: mail is kept."))
    if fault is None:
        return Finding("mail", Verdict.OK, n_("The mail server takes mail."))
    refused = "Authentication" in fault
    return Finding(
        "mail",
        Verdict.WRONG,
        n_("The mail server refuses name and password ({fault}).")
        if refused
        else n_("The mail server does not take mail ({fault})."),
        {"fault": fault},
        change=(SMTP_PASSWORD,) if refused else (SMTP,),
        fix=n_("Correct SMTP_USERNAME and SMTP_PASSWORD.")
        if refused
        else n_("Correct SMTP_ADDRESS and SMTP_PORT, or let this server reach it."),
    )


def bus(fault: str) -> Finding:
    """`fault` is why Valkey did not answer."""
    if not fault:
        return Finding("bus", Verdict.OK, n_("Valkey answers."))
    refused = "Authentication" in fault
    return Finding(
        "bus",
        Verdict.WRONG,
        n_("Valkey refuses the password ({fault}).")
        if refused
        else n_("Valkey does not answer ({fault})."),
        {"fault": fault},
        change=(BUS,),
        fix=n_("Correct REDIS_URL, start Valkey, or unset REDIS_URL: Live Agent works without it."),
    )


def browser(own: str, seen: str, *, untrusted_proxy: bool) -> Finding:
    """`seen` is the address that this very page was asked for, as far as it was passed on."""
    told = (Said(OWN, own), Said(Place(System.PROVIDER, "Host"), seen))
    if untrusted_proxy:
        return Finding(
            "browser",
            Verdict.WRONG,
            n_("A proxy passes on who asks, but it is not trusted: everybody counts as one."),
            {},
            *told,
            change=(PROXIES,),
            fix=n_("Name the proxy's network in TRUSTED_PROXIES."),
        )
    if own == seen:
        text = n_("Browsers reach Live Agent at its address.")
        return Finding("browser", Verdict.OK, text, {}, *told)
    return Finding(
        "browser",
        Verdict.WRONG,
        n_("This page was asked for at another address than FRONTEND_URL."),
        {},
        *told,
        change=(OWN,),
        fix=n_("Correct FRONTEND_URL, or let the proxy pass on Host and the scheme."),
    )
