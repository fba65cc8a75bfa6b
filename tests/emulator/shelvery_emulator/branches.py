"""
Branches: a copy of the running emulator, made in milliseconds by forking its process. Each goes its own way from all that the emulator
holds at that moment, so that a test can begin at the same point any number of times.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from typing import Any

from .control import ControlError
from .emulator import Emulator
from .http_server import HttpServer


class Branches:
    def __init__(self, emulator: Emulator, make_server: Callable[[], HttpServer], serve: Callable[[HttpServer], None]) -> None:
        """`serve` takes a new process over, and never returns."""
        self._emulator = emulator
        self._make_server = make_server
        self._serve = serve
        self._processes: set[int] = set()
        emulator.route("POST", "branches", self.make)
        emulator.route("DELETE", "branches", self.end)

    def make(self, _: object) -> dict[str, Any]:
        """To be asked for while no call is under way: a lock that another thread holds would stay held in the branch for ever."""
        server = self._make_server()
        # What is there now is not looked through again in any branch, whose memory would have to be copied for that.
        gc.freeze()
        with self._emulator.moto_lock:
            process = os.fork()
        if process == 0:
            self._processes = set()
            self._serve(server)
        self._processes.add(process)
        endpoint = f"http://127.0.0.1:{server.port}"
        server.server_close()
        return {"endpoint": endpoint, "process": process}

    def end(self, payload: dict[str, int]) -> None:
        process = payload["process"]
        if process not in self._processes:
            raise ControlError(f"{process} is no branch of this emulator")
        self._processes.discard(process)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
