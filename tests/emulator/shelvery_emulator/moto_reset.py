"""Empties moto, and resets everything else with it."""

from __future__ import annotations

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

from .emulator import Emulator


def install(emulator: Emulator) -> None:
    def reset_moto() -> None:
        with emulator.moto_lock:
            BackendDict.reset()
            reset_model_data()

    def reset(_: object) -> None:
        emulator.reset()

    emulator.on_reset(reset_moto)
    emulator.route("POST", "reset", reset)
