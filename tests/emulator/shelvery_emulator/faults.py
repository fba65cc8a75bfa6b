"""
Faults at a chosen call: refused, failed after it was done, dropped, or held until the test has killed the caller. A call is chosen by
what it is and by its number, or names its own fault in a header, by which a caller that counts its calls itself strikes one of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from .call import Answer, Call, DropConnection
from .chain import Stage
from .control import ControlError
from .emulator import Emulator
from .throttle import throttled_answer
from .wire_errors import error_answer, internal_error

KINDS = ("refuse", "throttle", "fail-after", "drop-before", "drop-after", "hold-before", "hold-after")

#: Under what names calls have the token of a page: EC2, SSM, SNS; RDS, Redshift; S3.
_TOKENS = ("NextToken", "Marker", "ContinuationToken", "continuation-token", "marker")

#: names a kind; taken off the call, so that nothing further in sees it
OWN_FAULT_HEADER = "x-emulator-fault"
#: kinds that a call can name itself: what a caller cannot do to its own call
OWN_KINDS = ("throttle", "fail-after")


@dataclass
class Fault:
    identifier: int
    kind: str
    service: str | None = None
    action: str | None = None
    account: str | None = None
    region: str | None = None
    match: dict[str, str] = field(default_factory=dict)
    #: the first call that it strikes, counted from 1 since it was added
    nth: int = 1
    #: how many calls in a row; None for all that follow
    times: int | None = 1
    #: only calls that go on with a list, by the token of a page before
    paged: bool = False
    code: str | None = None
    message: str = "A fault of the emulator."
    status: int | None = None
    seen: int = 0
    struck: int = 0

    def fits(self, call: Call) -> bool:
        if self.service not in (None, call.service) or self.action not in (None, call.action):
            return False
        if self.account not in (None, call.account) or self.region not in (None, call.region):
            return False
        if self.paged and not any(name in call.params or name in call.query for name in _TOKENS):
            return False
        return not self.match or self.match.items() <= dict(call.flat_params()).items()

    def is_due(self) -> bool:
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


@dataclass
class Holding:
    """The calls that are kept waiting."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    sequences: list[int] = field(default_factory=list)
    releases: int = 0

    def hold(self, sequence: int) -> None:
        with self.changed:
            releases = self.releases
            self.sequences.append(sequence)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.releases > releases)

    def release(self) -> None:
        with self.changed:
            self.releases += 1
            self.sequences = []
            self.changed.notify_all()

    def wait(self, milliseconds: float) -> list[int]:
        """The sequence numbers of the held calls, as soon as there is one."""
        with self.changed:
            self.changed.wait_for(lambda: self.sequences, timeout=milliseconds / 1000)
            return list(self.sequences)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._added = 0
        self._holding = Holding()

    def before(self, call: Call) -> Answer | None:
        fault = _own_fault(call) or self._due(call)
        if fault is None:
            return None
        if fault.kind == "throttle":
            return throttled_answer(call)
        if fault.kind == "refuse":
            code = fault.code or "InternalError"
            return error_answer(call, code, fault.message, fault.status or 400)
        if fault.kind == "drop-before":
            raise DropConnection
        if fault.kind == "hold-before":
            self._hold(call)
        call.notes["fault"] = fault
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        fault: Fault | None = call.notes.get("fault")
        if fault is None:
            return answer
        if fault.kind == "drop-after":
            raise DropConnection
        if fault.kind == "hold-after":
            self._hold(call)
        if fault.code is None:
            return internal_error(call, fault.message)
        return error_answer(call, fault.code, fault.message, fault.status or 500)

    def add(self, payload: dict[str, Any]) -> dict[str, int]:
        kind = payload["kind"]
        if kind not in KINDS:
            raise ControlError(f"kind must be one of {', '.join(KINDS)}")
        if kind == "refuse" and "code" not in payload:
            raise ControlError("a fault of the kind refuse needs a code")
        times = payload.get("times", 1)
        with self._lock:
            self._added += 1
            fault = Fault(
                identifier=self._added,
                kind=kind,
                service=payload.get("service"),
                action=payload.get("action"),
                account=payload.get("account"),
                region=payload.get("region"),
                match=payload.get("match", {}),
                nth=payload.get("nth", 1),
                times=None if times == "always" else times,
                paged=payload.get("paged", False),
                code=payload.get("code"),
                message=payload.get("message", Fault.message),
                status=payload.get("status"),
            )
            self._faults.append(fault)
        return {"id": fault.identifier}

    def list(self, _: object) -> list[dict[str, int]]:
        with self._lock:
            return [{"id": each.identifier, "seen": each.seen, "struck": each.struck} for each in self._faults]

    def clear(self, _: object = None) -> None:
        with self._lock:
            self._faults = []
        self._holding.release()

    def wait_for_held(self, payload: dict[str, float]) -> list[int]:
        return self._holding.wait(payload["milliseconds"])

    def _due(self, call: Call) -> Fault | None:
        """Every fault counts the call, the first due one strikes."""
        due = None
        with self._lock:
            for fault in self._faults:
                if not fault.fits(call):
                    continue
                fault.seen += 1
                if due is None and fault.is_due():
                    fault.struck += 1
                    due = fault
        return due

    def _hold(self, call: Call) -> None:
        self._holding.hold(call.notes["call_log"]["sequence"])
        raise DropConnection


def _own_fault(call: Call) -> Fault | None:
    kind = call.headers.pop(OWN_FAULT_HEADER, None)
    if kind is None:
        return None
    if kind not in OWN_KINDS:
        raise ValueError(f"{OWN_FAULT_HEADER} must be one of {', '.join(OWN_KINDS)}")
    return Fault(identifier=0, kind=kind)


def install(emulator: Emulator) -> None:
    faults = Faults()
    emulator.intercept(Stage.FAULTS, faults)
    emulator.on_reset(faults.clear)
    emulator.route("POST", "faults", faults.add)
    emulator.route("GET", "faults", faults.list)
    emulator.route("DELETE", "faults", faults.clear)
    emulator.route("POST", "faults/held", faults.wait_for_held)
