"""`cognigy-ai serve`. Typer is not imported here: a server process would carry it."""

from starlette.types import ASGIApp

from cognigy_ai.app import build_app
from cognigy_ai.cli.means import COMMAND, PACKAGE, load_settings
from cognigy_ai.keys.actions import KeyStore, KeysUnreadable
from cognigy_ai.settings import Settings
from kernel import cli
from kernel import serve as server
from kernel.clock import SystemClock
from kernel.db import Database, open_database
from kernel.exporter import exporter
from kernel.keyring import KeyRing
from kernel.life import Life
from kernel.log import configure
from kernel.metrics import Metrics
from kernel.migrations import check_schema
from kernel.trace import Traced
from kernel.tracing import OpenTelemetry, TracingUnavailable, open_tracer


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C. What keeps it from starting is said in one line."""
    settings = load_settings()
    configure(settings.log_level)
    try:
        cli.run(_check(settings))
    except KeysUnreadable as error:
        cli.fail(str(error))

    metrics = Metrics(on=settings.prometheus_enabled)
    life = Life(settings.shutdown_drain_seconds)
    tracer = _tracer(settings)

    async def make() -> ASGIApp:
        database = await _open(settings)
        app = build_app(settings, database, SystemClock(), metrics=metrics, life=life)
        return Traced(app, tracer)

    with exporter(metrics, settings.listen_address, settings.prometheus_exporter_port):
        server.serve(
            server.Late(make),
            settings.listen_address,
            settings.port,
            settings.tls_cert_file,
            settings.tls_key_file,
            life,
        )
    if tracer is not None:
        tracer.close()


def _tracer(settings: Settings) -> OpenTelemetry | None:
    try:
        return open_tracer(settings.otel_exporter_otlp_endpoint, COMMAND)
    except TracingUnavailable as error:
        cli.fail(str(error))


async def _open(settings: Settings) -> Database:
    return await open_database(settings.database_address(), pool_size=settings.postgres_pool)


async def _check(settings: Settings) -> None:
    """Before the socket is opened: schema and keys."""
    database = await _open(settings)
    try:
        await check_schema(database, PACKAGE, COMMAND)
        keys = KeyStore(database, KeyRing(*settings.secrets()))
        await keys.ensure_keys(SystemClock().now())
    finally:
        await database.close()
