"""Throttling by token buckets: one per account, region and API action."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .clock import Clock
from .control import ControlError
from .emulator import Emulator
from .wire_errors import error_answer

#: What a service answers beyond its limit. Pages "Request throttling for the Amazon EC2 API", "Error responses" (S3),
#: "Invoke" (Lambda), "Publish" (SNS), "SendMessage" (SQS), "Common error types" (others).
_REFUSALS = {
    "ec2": ("RequestLimitExceeded", "Request limit exceeded.", 503),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
    "lambda": ("TooManyRequestsException", "Rate exceeded", 429),
    "sns": ("Throttled", "Rate exceeded", 429),
    "sqs": ("RequestThrottled", "Rate exceeded", 400),
    "ssm": ("ThrottlingException", "Rate exceeded", 400),
}
_OTHER_REFUSAL = ("Throttling", "Rate exceeded", 400)


def throttled_answer(call: Call) -> Answer:
    """What the service answers to a call too many."""
    code, message, status = _REFUSALS.get(call.service, _OTHER_REFUSAL)
    return error_answer(call, code, message, status)


@dataclass(frozen=True)
class Limit:
    size: float
    refill_per_second: float


#: Page "Request throttling for the Amazon EC2 API", section "Request token limits".
EC2_LIMITS = {
    "CopyImage": Limit(100, 1),
    "CreateTags": Limit(100, 10),
    "CreateSnapshot": Limit(100, 5),
    "CreateSnapshots": Limit(100, 5),
    "DeleteSnapshot": Limit(100, 5),
    "DeregisterImage": Limit(100, 5),
    "ModifyImageAttribute": Limit(100, 5),
    "ModifySnapshotAttribute": Limit(100, 5),
}
EC2_MUTATING = Limit(50, 5)
EC2_NON_MUTATING = Limit(100, 20)
EC2_UNFILTERED_AND_UNPAGINATED = Limit(50, 10)
_NON_MUTATING = ("Describe", "Get", "List", "Search")
_NARROWED = ("Filter.", "MaxResults", "NextToken")


def documented_ec2_limit(call: Call) -> tuple[str, Limit]:
    """The bucket of an EC2 call, by name, and its size."""
    listed = EC2_LIMITS.get(call.action)
    if listed is not None:
        return call.action, listed
    if not call.action.startswith(_NON_MUTATING):
        return call.action, EC2_MUTATING
    if any(name.startswith(_NARROWED) for name in call.params):
        return call.action, EC2_NON_MUTATING
    return f"{call.action} unfiltered", EC2_UNFILTERED_AND_UNPAGINATED


@dataclass
class Bucket:
    tokens: float
    filled_at_ms: float


class Throttle(PassingInterceptor):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limits: dict[tuple[str, str], Limit] = {}
        self._documented_ec2 = False
        self._buckets: dict[tuple[str, str, str, str], Bucket] = {}

    def before(self, call: Call) -> Answer | None:
        chosen = self._limit(call)
        if chosen is None:
            return None
        name, limit = chosen
        if self._take((call.account, call.region, call.service, name), limit):
            return None
        return throttled_answer(call)

    def set(self, payload: dict[str, Any]) -> None:
        """`*` as the action: every action of the service that has no limit of its own, each with its own bucket."""
        with self._lock:
            self._limits[(payload["service"], payload["action"])] = Limit(payload["size"], payload["refillPerSecond"])
            self._buckets = {}

    def use_documented(self, payload: dict[str, str]) -> None:
        if payload["service"] != "ec2":
            raise ControlError("documented limits are known for ec2 only")
        with self._lock:
            self._documented_ec2 = True
            self._buckets = {}

    def reset(self, _: object = None) -> None:
        with self._lock:
            self._limits = {}
            self._documented_ec2 = False
            self._buckets = {}

    def _limit(self, call: Call) -> tuple[str, Limit] | None:
        own = self._limits.get((call.service, call.action)) or self._limits.get((call.service, "*"))
        if own is not None:
            return call.action, own
        if self._documented_ec2 and call.service == "ec2":
            return documented_ec2_limit(call)
        return None

    def _take(self, key: tuple[str, str, str, str], limit: Limit) -> bool:
        with self._lock:
            now = self._clock.now_ms()
            bucket = self._buckets.setdefault(key, Bucket(limit.size, now))
            refilled = bucket.tokens + (now - bucket.filled_at_ms) / 1000 * limit.refill_per_second
            bucket.tokens = min(limit.size, refilled)
            bucket.filled_at_ms = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True


def install(emulator: Emulator) -> None:
    throttle = Throttle(emulator.clock)
    emulator.intercept(Stage.THROTTLE, throttle)
    emulator.on_reset(throttle.reset)
    emulator.route("PUT", "throttle", throttle.set)
    emulator.route("PUT", "throttle/documented", throttle.use_documented)
    emulator.route("DELETE", "throttle", throttle.reset)
