"""What the parts of the emulator share, and what an extension is given to install itself in."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .behaviours import Behaviours
from .chain import Chain, Interceptor
from .clock import Clock
from .control import Control, Handler


class Emulator:
    """An extension is a module with `install(emulator)`, listed in extensions.py."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.behaviours = Behaviours()
        self.chain = Chain()
        self.control = Control()
        self.control.add("PUT", "behaviours", self.behaviours.set)
        #: held while moto works on a call, and while the control API touches moto's state
        self.moto_lock = threading.RLock()
        self._resets: list[Callable[[], None]] = [self.clock.reset, self.behaviours.reset]

    def intercept(self, stage: int, interceptor: Interceptor) -> None:
        self.chain.add(stage, interceptor)

    def route(self, method: str, path: str, handler: Handler) -> None:
        """A route of the control API: /_emulator/<path>. The handler is given the JSON sent and returns JSON."""
        self.control.add(method, path, handler)

    def on_reset(self, action: Callable[[], None]) -> None:
        self._resets.append(action)

    def reset(self) -> None:
        for action in self._resets:
            action()
