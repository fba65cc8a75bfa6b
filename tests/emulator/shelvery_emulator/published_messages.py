"""Remembers what was published to SNS topics, and refuses what is too large. Pages "Publish" and "PublishBatch"."""

from __future__ import annotations

import threading
from typing import Any

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

#: Page "Publish": of a message, and of all messages of a batch together
MOST_BYTES = 262_144

_BATCH_ENTRY = "PublishBatchRequestEntries.member."


class PublishedMessages(PassingInterceptor):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[dict[str, Any]] = []

    def before(self, call: Call) -> Answer | None:
        if call.service != "sns" or call.action not in ("Publish", "PublishBatch"):
            return None
        if sum(len(each["message"].encode()) for each in _messages(call)) <= MOST_BYTES:
            return None
        if call.action == "Publish":
            return error_answer(call, "InvalidParameter", "Invalid parameter: Message too long")
        return error_answer(call, "BatchRequestTooLong", "The length of all the batch messages put together is more than the limit.")

    def after(self, call: Call, answer: Answer) -> Answer:
        if call.service == "sns" and call.action in ("Publish", "PublishBatch") and answer.status == 200:
            with self._lock:
                self._messages += _messages(call)
        return answer

    def list(self, _: object) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._messages)

    def reset(self, _: object = None) -> None:
        with self._lock:
            self._messages = []


def _messages(call: Call) -> list[dict[str, Any]]:
    prefixes = [""] if call.action == "Publish" else _batch_prefixes(call)
    return [
        {
            "topicArn": call.params.get("TopicArn") or call.params.get("TargetArn"),
            "subject": call.params.get(f"{prefix}Subject"),
            "message": call.params.get(f"{prefix}Message", ""),
            "account": call.account,
            "region": call.region,
        }
        for prefix in prefixes
    ]


def _batch_prefixes(call: Call) -> list[str]:
    indexes = {int(name.removeprefix(_BATCH_ENTRY).split(".")[0]) for name in call.params if name.startswith(_BATCH_ENTRY)}
    return [f"{_BATCH_ENTRY}{index}." for index in sorted(indexes)]


def install(emulator: Emulator) -> None:
    published = PublishedMessages()
    emulator.intercept(Stage.SERVICE, published)
    emulator.on_reset(published.reset)
    emulator.route("GET", "published-messages", published.list)
    emulator.route("DELETE", "published-messages", published.reset)
