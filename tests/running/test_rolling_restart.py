"""Replicas are restarted one by one while requests flow: none is lost, nobody is signed out.

In front of them is nothing but a client that goes to the other replica when a connection is
refused, and that asks which one is ready, as load balancers do.
"""

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.databases import Databases
from support.races import RACER, Scene, prepared
from support.servers import Server

DRAIN_SECONDS = 2
CLIENTS = 3


@dataclass
class Flow:
    """Clients that ask again and again, on connections that they keep."""

    servers: list[Server]
    path: str
    headers: dict[str, str]
    over: threading.Event = field(default_factory=threading.Event)
    answers: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def run(self, number: int) -> None:
        connection = None
        while not self.over.is_set():
            time.sleep(0.005)
            if connection is None:
                connection = self._connected(self.servers[number % len(self.servers)])
            if connection is None or not self._ask(connection):
                number += 1  # the other one
                connection = None
        if connection is not None:
            connection.close()

    def _connected(self, server: Server) -> http.client.HTTPConnection | None:
        connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=30)
        try:
            connection.connect()
        except ConnectionRefusedError:
            return None
        return connection

    def _ask(self, connection: http.client.HTTPConnection) -> bool:
        """False if the next request should be another server's."""
        try:
            connection.request("GET", self.path, headers=self.headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.lost.append(repr(error))
            connection.close()
            return False
        self.answers.append(answer.status)
        if answer.getheader("connection") != "close":
            return True
        connection.close()
        return False


@pytest.fixture
def scene(databases: Databases, tmp_path: Path) -> Iterator[Scene]:
    scene = prepared(databases, "postgresql", tmp_path)
    for system in (scene.pair.platform, scene.pair.desk):
        system.environment["SHUTDOWN_DRAIN_SECONDS"] = str(DRAIN_SECONDS)
    with scene.pair.platform.running(), scene.pair.desk.running(replicas=2):
        yield scene


async def test_no_request_is_lost_while_replicas_are_restarted_one_by_one(scene: Scene):
    desk = scene.pair.desk
    async with scene.visitor() as visitor:
        page = await visitor.get(f"{desk.url}/omniauth/cognigy")
        page = await visitor.submit(page, email=RACER, password=scene.password)
        dashboard = page.url.path
        assert dashboard.endswith("/dashboard")
        cookies = {c.name: c.value for c in visitor.http.cookies.jar if c.name.startswith("la_")}
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {"host": urlsplit(desk.url).netloc, "cookie": cookie}  # as a proxy hands it on
    flow = Flow(list(desk.servers), dashboard, headers)
    threads = [threading.Thread(target=flow.run, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        for number in (1, 0):
            flow.servers[number] = restarted(scene, number)
    finally:
        flow.over.set()
        for thread in threads:
            thread.join()
    assert flow.lost == []
    assert set(flow.answers) == {200}
    assert len(flow.answers) > 50


def restarted(scene: Scene, number: int) -> Server:
    """That replica ended as a rolling restart does it, and another in its place."""
    desk = scene.pair.desk
    old = desk.servers[number]
    began = time.monotonic()
    old.ask_to_stop()
    while old.is_ready():  # readiness says no at once, and it serves on
        assert time.monotonic() < began + 20
        time.sleep(0.02)
    assert old.process.wait(30) == 0
    assert time.monotonic() - began >= DRAIN_SECONDS - 0.5
    new = desk.replace(old)
    new.await_ready()
    return new
