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
from kernel.log import configure
from kernel.metrics import Metrics
from kernel.migrations import check_schema


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C. What keeps it from starting is said in one line."""
    settings = load_settings()
    configure(settings.log_level)
    try:
        cli.run(_check(settings))
    except KeysUnreadable as error:
        cli.fail(str(error))

    metrics = Metrics(on=settings.prometheus_enabled)

    async def make() -> ASGIApp:
        return build_app(settings, await _open(settings), SystemClock(), metrics=metrics)

    with exporter(metrics, settings.listen_address, settings.prometheus_exporter_port):
        server.serve(
            server.Late(make),
            settings.listen_address,
            settings.port,
            settings.tls_cert_file,
            settings.tls_key_file,
        )


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
