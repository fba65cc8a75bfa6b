"""Takes Lambda invocations for the tests to run: no function is made or run here. Pages "Invoke" and "Lambda quotas"."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

#: Page "Lambda quotas": invocation payload, asynchronous and synchronous
MOST_BYTES = {"Event": 1024 * 1024, "RequestResponse": 6 * 1024 * 1024}


class Invocations(PassingInterceptor):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: list[dict[str, Any]] = []

    def before(self, call: Call) -> Answer | None:
        if (call.service, call.action) != ("lambda", "Invoke"):
            return None
        kind = call.params.get("InvocationType", "RequestResponse")
        if len(call.body) > MOST_BYTES.get(kind, MOST_BYTES["RequestResponse"]):
            message = f"{len(call.body)} byte payload is too large for the {kind} invocation type"
            return error_answer(call, "RequestTooLargeException", message, 413)
        try:
            payload = json.loads(call.body) if call.body else None
        except ValueError as error:
            return error_answer(call, "InvalidRequestContentException", f"Could not parse request body into json: {error}")
        self._take(call, kind, payload)
        return _accepted(kind)

    def take(self, _: object) -> list[dict[str, Any]]:
        with self._lock:
            taken, self._taken = self._taken, []
        return taken

    def reset(self) -> None:
        self.take(None)

    def _take(self, call: Call, kind: str, payload: Any) -> None:
        if kind == "DryRun":
            return
        invocation = {
            "functionName": call.params["FunctionName"],
            "invocationType": kind,
            "payload": payload,
            "account": call.account,
            "region": call.region,
        }
        with self._lock:
            self._taken.append(invocation)


def _accepted(kind: str) -> Answer:
    status = {"Event": 202, "DryRun": 204}.get(kind, 200)
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": "application/json"}
    if kind == "RequestResponse":
        headers["X-Amz-Executed-Version"] = "$LATEST"
    return Answer(status, headers, b"null" if kind == "RequestResponse" else b"")


def install(emulator: Emulator) -> None:
    invocations = Invocations()
    emulator.intercept(Stage.SERVICE, invocations)
    emulator.on_reset(invocations.reset)
    emulator.route("POST", "invocations/take", invocations.take)
