"""Error answers in the wire format of each service, so that SDKs read name and message from them."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from .call import Answer, Call

REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def error_answer(call: Call, code: str, message: str, status: int = 400) -> Answer:
    """An error as the service itself would send it."""
    return _WRITERS[call.protocol](call, code, message, status)


def internal_error(call: Call, message: str = "An internal error has occurred.") -> Answer:
    """Pages "Error codes for the Amazon EC2 API", "Error responses" (S3) and "Common error types" (others)."""
    code = "InternalError" if call.service in ("ec2", "s3") else "InternalFailure"
    return error_answer(call, code, message, 500)


def _ec2(call: Call, code: str, message: str, status: int) -> Answer:
    """Page "Error codes for the Amazon EC2 API"."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
        f"<RequestID>{REQUEST_ID}</RequestID></Response>"
    )
    return _xml(status, body)


def _query(call: Call, code: str, message: str, status: int) -> Answer:
    """Page "AWS query protocol"."""
    side = "Sender" if status < 500 else "Receiver"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<ErrorResponse><Error><Type>{side}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )
    return _xml(status, body)


def _rest_xml(call: Call, code: str, message: str, status: int) -> Answer:
    """Page "Error responses" of the Amazon S3 API reference. An answer to HEAD has no body, so its name is lost as on AWS."""
    if call.method == "HEAD":
        return Answer(status, {"Content-Type": "application/xml", "x-amz-request-id": REQUEST_ID}, b"")
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{REQUEST_ID}</RequestId><HostId>emulator</HostId></Error>"
    )
    return _xml(status, body)


def _json(call: Call, code: str, message: str, status: int) -> Answer:
    """Pages "AWS JSON 1.0 protocol" and, for SQS clients that know the older names, "AWS query compatible trait"."""
    side = "Sender" if status < 500 else "Receiver"
    headers = {
        "Content-Type": call.headers.get("content-type", "application/x-amz-json-1.0"),
        "x-amzn-RequestId": REQUEST_ID,
        "x-amzn-ErrorType": code,
    }
    if call.headers.get("x-amzn-query-mode") == "true":
        headers["x-amzn-query-error"] = f"{code};{side}"
    return Answer(status, headers, json.dumps({"__type": code, "message": message}).encode())


def _rest_json(call: Call, code: str, message: str, status: int) -> Answer:
    """Page "AWS restJson1 protocol"."""
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": REQUEST_ID, "x-amzn-ErrorType": code}
    side = "User" if status < 500 else "Server"
    return Answer(status, headers, json.dumps({"Type": side, "Message": message, "message": message}).encode())


def _xml(status: int, body: str) -> Answer:
    return Answer(status, {"Content-Type": "text/xml", "x-amzn-RequestId": REQUEST_ID}, body.encode())


_WRITERS = {"ec2": _ec2, "query": _query, "rest-xml": _rest_xml, "json": _json, "rest-json": _rest_json}
