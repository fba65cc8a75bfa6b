"""
Requests signed by a clock that differs too much from the service's, which a test can set. Pages "Error codes for the Amazon EC2 API"
(RequestExpired), "Error responses" of the Amazon S3 API reference (RequestTimeTooSkewed), "Common error types" of the others, and
"Troubleshoot Signature Version 4 signing for AWS API requests" (a signature is good for five minutes).
"""

from __future__ import annotations

import calendar
import time
from email.utils import formatdate

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

_MINUTE = 60.0
#: In which time a request must come, before and after what it is signed with.
_TOLERANCES = {"ec2": 15 * _MINUTE, "rest-xml": 15 * _MINUTE, "query": 5 * _MINUTE, "json": 5 * _MINUTE, "rest-json": 5 * _MINUTE}


class RequestTimes(PassingInterceptor):
    """Nothing is refused until an offset is set. Every answer tells the time of the service in its header."""

    def __init__(self) -> None:
        self._offset_seconds: float | None = None

    def set(self, payload: dict[str, float | None]) -> None:
        offset = payload["milliseconds"]
        self._offset_seconds = None if offset is None else offset / 1000

    def reset(self) -> None:
        self._offset_seconds = None

    def before(self, call: Call) -> Answer | None:
        signed_at = None if self._offset_seconds is None else _signed_at(call)
        if signed_at is None:
            return None
        late = self._now() - signed_at
        tolerance = _TOLERANCES[call.protocol]
        if abs(late) <= tolerance:
            return None
        return self._told(_refusal(call, signed_at, self._now(), tolerance))

    def after(self, call: Call, answer: Answer) -> Answer:
        return self._told(answer)

    def _now(self) -> float:
        return time.time() + (self._offset_seconds or 0.0)

    def _told(self, answer: Answer) -> Answer:
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
        answer.headers = headers | {"Date": formatdate(self._now(), usegmt=True)}
        return answer


def _signed_at(call: Call) -> float | None:
    """Seconds since 1970; None for a request that is not signed, or whose address is (X-Amz-Expires says how long that is good for)."""
    stamp = call.headers.get("x-amz-date")
    return None if stamp is None else float(calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ")))


def _refusal(call: Call, signed_at: float, now: float, tolerance: float) -> Answer:
    if call.protocol == "ec2":
        return error_answer(call, "RequestExpired", "Request has expired.", 400)
    if call.protocol == "rest-xml":
        message = "The difference between the request time and the current time is too large."
        return error_answer(call, "RequestTimeTooSkewed", message, 403)
    signed, current, minutes = _stamp(signed_at), _stamp(now), int(tolerance / _MINUTE)
    if now > signed_at:
        message = f"Signature expired: {signed} is now earlier than {_stamp(now - tolerance)} ({current} - {minutes} min.)"
    else:
        message = f"Signature not yet current: {signed} is still later than {_stamp(now + tolerance)} ({current} + {minutes} min.)"
    if call.protocol == "query":
        return error_answer(call, "SignatureDoesNotMatch", message, 403)
    # Guess: SQS and Lambda answer as the services do whose pages have it (DynamoDB, "Error handling").
    return error_answer(call, "InvalidSignatureException", message, 403 if call.protocol == "rest-json" else 400)


def _stamp(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def install(emulator: Emulator) -> None:
    """After call_log, which notes what is refused here, too."""
    times = RequestTimes()
    emulator.intercept(Stage.LOG, times)
    emulator.on_reset(times.reset)
    emulator.route("PUT", "clock/offset", times.set)
