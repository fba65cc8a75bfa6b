"""The control API: JSON over HTTP under /_emulator/, for the tests and not for the product."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

from .call import Answer

PREFIX = "/_emulator/"

Handler = Callable[[dict[str, Any]], Any]


class ControlError(Exception):
    """A request that the control API cannot follow; the message goes to the caller."""


class Control:
    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str], Handler] = {}

    def add(self, method: str, path: str, handler: Handler) -> None:
        self._handlers[(method, path)] = handler

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        handler = self._handlers.get((method, path.removeprefix(PREFIX)))
        if handler is None:
            return _json(404, {"message": f"no such control: {method} {path}"})
        try:
            return _json(200, handler(json.loads(body) if body else {}))
        except ControlError as error:
            return _json(400, {"message": str(error)})
        except (KeyError, ValueError, TypeError) as error:
            traceback.print_exc()
            return _json(400, {"message": f"{type(error).__name__}: {error}"})


def _json(status: int, value: Any) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value).encode())
