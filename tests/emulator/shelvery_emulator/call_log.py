"""Remembers every call, refused and dropped ones included."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from typing import Any

from .call import Answer, Call
from .chain import Stage
from .clock import Clock
from .emulator import Emulator

_XML_CODE = re.compile(rb"<Code>([^<]*)</Code>")


class CallLog:
    """A call that was never answered (dropped, or still held) has the status 0."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sequence = 0
        self._records: list[dict[str, Any]] = []
        self._largest_parameters: int | None = None

    def before(self, call: Call) -> Answer | None:
        small = self._largest_parameters is None or len(call.body) + len(call.target) <= self._largest_parameters
        record: dict[str, Any] = {
            "service": call.service,
            "action": call.action,
            "region": call.region,
            "account": call.account,
            "parameters": call.params if small else {},
            "status": 0,
            "errorCode": None,
            "userAgent": call.headers.get("user-agent", ""),
            "time": self._clock.now_ms(),
        }
        with self._lock:
            self._sequence += 1
            record["sequence"] = self._sequence
            self._records.append(record)
        call.notes["call_log"] = record
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        record = call.notes["call_log"]
        record["status"] = answer.status
        if answer.status >= 400:
            record["errorCode"] = error_code(answer)
        return answer

    def calls(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Those whose fields equal the wanted ones; `after` leaves out those up to that sequence number."""
        after = wanted.get("after", 0)
        fields = [(name, wanted[name]) for name in ("service", "action", "region", "account") if name in wanted]
        with self._lock:
            records = list(self._records)
        return [
            record
            for record in records
            if record["sequence"] > after and all(record[name] == value for name, value in fields)
        ]

    def counts(self, _: object) -> dict[str, int]:
        with self._lock:
            return Counter(f"{record['service']}:{record['action']}" for record in self._records)

    def clear(self, _: object = None) -> None:
        with self._lock:
            self._records = []

    def configure(self, payload: dict[str, Any]) -> None:
        self._largest_parameters = payload["largestParameters"]

    def reset(self) -> None:
        self.clear()
        self._sequence = 0
        self._largest_parameters = None


def error_code(answer: Answer) -> str | None:
    """The error's name, wherever the service's protocol has it."""
    header = answer.header("x-amzn-errortype")
    if header:
        return header.rpartition("#")[2].split(":")[0]
    found = _XML_CODE.search(answer.body)
    if found is not None:
        return found.group(1).decode()
    try:
        name = json.loads(answer.body)["__type"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(name).rpartition("#")[2]


def install(emulator: Emulator) -> None:
    log = CallLog(emulator.clock)
    emulator.intercept(Stage.LOG, log)
    emulator.on_reset(log.reset)
    emulator.route("POST", "calls", log.calls)
    emulator.route("GET", "calls/counts", log.counts)
    emulator.route("DELETE", "calls", log.clear)
    emulator.route("PUT", "calls/settings", log.configure)
