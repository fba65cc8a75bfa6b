"""SQS by the emulator's clock, long polling that does not hold up other calls, and batches that fail in part."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import Any

import moto.sqs.models as sqs_models

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .clock import Clock
from .emulator import Emulator

_LOOK_AGAIN_SECONDS = 0.02


class LongPolling(PassingInterceptor):
    """Page "ReceiveMessage", WaitTimeSeconds: the waiting is done here, so that moto's lock is not held by it."""

    def before(self, call: Call) -> Answer | None:
        if (call.service, call.action) != ("sqs", "ReceiveMessage"):
            return None
        queue = _queue(call)
        if queue is None:
            return None
        wait = call.params.get("WaitTimeSeconds", queue.receive_message_wait_time_seconds)
        deadline = time.monotonic() + int(wait or 0)
        while time.monotonic() < deadline and not any(message.visible for message in queue.messages):
            time.sleep(_LOOK_AGAIN_SECONDS)
        call.replace_body(json.dumps(call.params | {"WaitTimeSeconds": 0}).encode())
        return None


def _queue(call: Call) -> Any:
    name = str(call.params.get("QueueUrl", "")).rpartition("/")[2]
    return sqs_models.sqs_backends[call.account][call.region].queues.get(name)


class PartialFailures(PassingInterceptor):
    """Page "SendMessageBatch": the action can answer 200 with entries in `Failed`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._every = 0
        self._times = 1
        self._entries = 0
        self._refused: Counter[str] = Counter()

    def set(self, payload: dict[str, int]) -> None:
        """Every nth entry fails, unless an entry of the same body has failed as many times as it may."""
        self.reset()
        self._every = payload["every"]
        self._times = payload.get("times", 1)

    def before(self, call: Call) -> Answer | None:
        if self._every == 0 or (call.service, call.action) != ("sqs", "SendMessageBatch"):
            return None
        sent, failed = self._divide(call.params.get("Entries", []))
        if not failed:
            return None
        call.notes["failed_entries"] = failed
        if not sent:
            return _with_failed(Answer(200, {"Content-Type": call.headers["content-type"]}, b'{"Successful": []}'), failed)
        call.replace_body(json.dumps(call.params | {"Entries": sent}).encode())
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        failed = call.notes.get("failed_entries")
        return answer if failed is None or answer.status != 200 else _with_failed(answer, failed)

    def _divide(self, entries: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        sent, failed = [], []
        with self._lock:
            for entry in entries:
                self._entries += 1
                body = entry["MessageBody"]
                if self._entries % self._every == 0 and self._refused[body] < self._times:
                    self._refused[body] += 1
                    failed.append(entry)
                else:
                    sent.append(entry)
        return sent, failed


def _with_failed(answer: Answer, failed: list[dict[str, Any]]) -> Answer:
    result = json.loads(answer.body)
    result["Failed"] = result.get("Failed", []) + [
        {"Id": entry["Id"], "Code": "InternalError", "Message": "A fault of the emulator.", "SenderFault": False}
        for entry in failed
    ]
    return Answer(answer.status, answer.headers, json.dumps(result).encode())


def _use_clock(clock: Clock) -> None:
    """Delays and visibility time-outs end by the emulator's clock."""

    def unix_time_millis(*_: object) -> float:
        return clock.now_ms()

    def unix_time(*_: object) -> float:
        return clock.now_ms() / 1000

    sqs_models.unix_time_millis = unix_time_millis
    sqs_models.unix_time = unix_time


def install(emulator: Emulator) -> None:
    _use_clock(emulator.clock)
    failures = PartialFailures()
    emulator.intercept(Stage.SERVICE, LongPolling())
    emulator.intercept(Stage.SERVICE, failures)
    emulator.on_reset(failures.reset)
    emulator.route("PUT", "queues/failing-entries", failures.set)
