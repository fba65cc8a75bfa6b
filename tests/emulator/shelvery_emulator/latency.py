"""Makes every call take at least a set time."""

from __future__ import annotations

import time

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator


class Latency(PassingInterceptor):
    def __init__(self) -> None:
        self._milliseconds = 0.0

    def before(self, call: Call) -> Answer | None:
        if self._milliseconds > 0:
            time.sleep(self._milliseconds / 1000)
        return None

    def set(self, payload: dict[str, float]) -> None:
        self._milliseconds = payload["milliseconds"]

    def reset(self) -> None:
        self._milliseconds = 0.0


def install(emulator: Emulator) -> None:
    latency = Latency()
    emulator.intercept(Stage.LATENCY, latency)
    emulator.on_reset(latency.reset)
    emulator.route("PUT", "latency", latency.set)
