"""The emulator's own clock, which tests move instead of waiting."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone


class Clock:
    """Wall-clock time, plus what it was advanced by. Frozen, it moves by `advance` alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset_ms = 0.0
        self._frozen_at_ms: float | None = None

    def now_ms(self) -> float:
        """Milliseconds since 1970."""
        with self._lock:
            return self._now_ms()

    def moto_time(self) -> datetime:
        """Now as moto keeps times: UTC, without saying so."""
        return datetime.fromtimestamp(self.now_ms() / 1000, timezone.utc).replace(tzinfo=None)

    def advance(self, milliseconds: float) -> None:
        with self._lock:
            if self._frozen_at_ms is None:
                self._offset_ms += milliseconds
            else:
                self._frozen_at_ms += milliseconds

    def freeze(self) -> None:
        with self._lock:
            self._frozen_at_ms = self._now_ms()

    def run(self) -> None:
        """Goes on from where it was frozen."""
        with self._lock:
            if self._frozen_at_ms is not None:
                self._offset_ms = self._frozen_at_ms - time.time() * 1000
                self._frozen_at_ms = None

    def reset(self) -> None:
        with self._lock:
            self._offset_ms = 0.0
            self._frozen_at_ms = None

    def _now_ms(self) -> float:
        if self._frozen_at_ms is not None:
            return self._frozen_at_ms
        return time.time() * 1000 + self._offset_ms
