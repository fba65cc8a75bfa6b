"""Whose end is also ours: an owner holds the other end of a descriptor, which closes however the owner ends."""

from __future__ import annotations

import os
import select
import threading

STDIN = 0

_descriptors = [STDIN]


def add_lifeline(descriptor: int) -> None:
    """Beside stdin; also of processes that are forked from this one."""
    _descriptors.append(descriptor)


def end_with_owners() -> None:
    """To be called anew in a forked process, which has none of its parent's threads but the one that forked."""

    def wait() -> None:
        while True:
            for descriptor in select.select(_descriptors, [], [])[0]:
                # Not by sys.stdin, whose lock a thread of the process that forked may hold.
                if not os.read(descriptor, 65536):
                    os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
