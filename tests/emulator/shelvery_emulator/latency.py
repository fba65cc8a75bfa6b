"""Makes every call, or the calls of one action, take at least a set time."""

from __future__ import annotations

import time
from typing import Any

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator


class Latency(PassingInterceptor):
    def __init__(self) -> None:
        self._milliseconds = 0.0
        self._action: str | None = None

    def before(self, call: Call) -> Answer | None:
        if self._milliseconds > 0 and self._action in (None, call.action):
            time.sleep(self._milliseconds / 1000)
        return None

    def set(self, payload: dict[str, Any]) -> None:
        self._milliseconds = payload["milliseconds"]
        self._action = payload.get("action")

    def reset(self) -> None:
        self.set({"milliseconds": 0.0})


def install(emulator: Emulator) -> None:
    latency = Latency()
    emulator.intercept(Stage.LATENCY, latency)
    emulator.on_reset(latency.reset)
    emulator.route("PUT", "latency", latency.set)
