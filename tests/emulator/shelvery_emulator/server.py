"""Puts the emulator together and runs it until its parent lets go of it."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import threading

from . import before_moto as _before_moto  # noqa: F401  (first, for its effect)
from .branches import Branches
from .call import Answer
from .control import PREFIX
from .emulator import Emulator
from .extensions import EXTENSIONS
from .http_server import HttpServer
from .identify import identify
from .moto_application import MotoApplication

STDIN = 0


class Server:
    def __init__(self, port: int) -> None:
        self.emulator = Emulator()
        self._http = HttpServer(port, self._handle)
        self._moto = MotoApplication(self.emulator.moto_lock, lambda: self._http.port)
        for extension in EXTENSIONS:
            extension.install(self.emulator)
        Branches(self.emulator, lambda: HttpServer(0, self._handle), self._serve_as_branch)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._http.port}"

    def run(self) -> None:
        self._http.serve_forever()

    def _serve_as_branch(self, server: HttpServer) -> None:
        """What a forked process does: of its parent's threads it has only the one that forked."""
        self._http.forget_connections()
        self._http = server
        end_with_parent()
        server.serve_forever()
        os._exit(0)

    def _handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        if target.startswith(PREFIX):
            return self.emulator.control.answer(method, target, body)
        return self.emulator.chain.handle(identify(method, target, headers, body), self._moto.serve)


def main() -> None:
    parser = argparse.ArgumentParser(prog="shelvery_emulator")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = Server(options.port)
    end_with_parent()
    print(json.dumps({"endpoint": server.endpoint}), flush=True)
    server.run()


def end_with_parent() -> None:
    """The parent holds our stdin, and that of our branches: when it ends, however it ends, so do we."""

    def wait() -> None:
        # Not by sys.stdin, whose lock a thread of the process that forked may hold.
        while os.read(STDIN, 65536):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
