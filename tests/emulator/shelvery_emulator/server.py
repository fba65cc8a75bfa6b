"""Puts the emulator together and runs it until its owner lets go of it."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal

from . import before_moto as _before_moto  # noqa: F401  (first, for its effect)
from .branches import Branches
from .call import Answer
from .control import PREFIX
from .emulator import Emulator
from .extensions import EXTENSIONS
from .fork_server import serve_forks
from .http_server import HttpServer
from .identify import identify
from .lifelines import end_with_owners
from .moto_application import MotoApplication


class Server:
    def __init__(self, port: int) -> None:
        self.emulator = Emulator()
        self._http = HttpServer(port, self.handle)
        self._moto = MotoApplication(self.emulator.moto_lock, lambda: self._http.port)
        for extension in EXTENSIONS:
            extension.install(self.emulator)
        Branches(self.emulator, lambda: HttpServer(0, self.handle), self._serve_as_branch)

    def run(self) -> None:
        """Serves until its owner lets go, and never returns."""
        end_with_owners()
        print(json.dumps({"endpoint": f"http://127.0.0.1:{self._http.port}"}), flush=True)
        self._http.serve_forever()
        os._exit(0)

    def run_forked(self) -> None:
        """The same in a process forked from this server's before that ran: on a port of its own."""
        self._http.server_close()
        self._http = HttpServer(0, self.handle)
        self.run()

    def _serve_as_branch(self, server: HttpServer) -> None:
        """What a forked process does: of its parent's threads it has only the one that forked."""
        self._http.forget_connections()
        self._http = server
        end_with_owners()
        server.serve_forever()
        os._exit(0)

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        if target.startswith(PREFIX):
            return self.emulator.control.answer(method, target, body)
        return self.emulator.chain.handle(identify(method, target, headers, body), self._moto.serve)


def main() -> None:
    parser = argparse.ArgumentParser(prog="shelvery_emulator")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--fork-server", action="store_true", help="an emulator for each connection, see fork_server.py")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = Server(options.port)
    if options.fork_server:
        serve_forks(server.emulator, server.handle, server.run_forked)
    server.run()
