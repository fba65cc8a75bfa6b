"""Lets tests move the emulator's clock."""

from __future__ import annotations

from .emulator import Emulator


def install(emulator: Emulator) -> None:
    clock = emulator.clock

    def advance(payload: dict[str, float]) -> dict[str, float]:
        clock.advance(payload["milliseconds"])
        return {"now": clock.now_ms()}

    def freeze(_: object) -> dict[str, float]:
        clock.freeze()
        return {"now": clock.now_ms()}

    def run(_: object) -> dict[str, float]:
        clock.run()
        return {"now": clock.now_ms()}

    emulator.route("POST", "clock/advance", advance)
    emulator.route("POST", "clock/freeze", freeze)
    emulator.route("POST", "clock/run", run)
