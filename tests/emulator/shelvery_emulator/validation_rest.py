"""Reads the input of a REST call: from its address, its query, its headers and its body. Pages "AWS restXml protocol" and "AWS
restJson1 protocol" of Smithy's documentation."""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from botocore.model import Shape

from .call import Call
from .validation_json import read_json
from .validation_models import Operation
from .validation_problems import UNKNOWN, VALUE, Problem
from .validation_scalars import read_text
from .validation_xml import read_xml

#: Pages "Create a signed AWS API request", "Common request headers" (S3) and "Checking object integrity in Amazon S3": of every call
_COMMON_HEADERS = (
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amz-trailer",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-checksum-",
)
_OF_NO_LOCATION = ("uri", "querystring", "header", "headers", "statusCode")


def read_rest(operation: Operation, call: Call, problems: list[Problem]) -> dict[str, Any]:
    shape = operation.shape
    members = {} if shape is None else shape.members
    _find_unknown(operation, members, call, problems)
    value: dict[str, Any] = {}
    for name, member in members.items():
        read = _read_outside_body(name, member, call, problems)
        if read is not None:
            value[name] = read
    if shape is not None:
        value |= _read_body(operation, shape, call, problems)
    return value


def _read_outside_body(name: str, shape: Shape, call: Call, problems: list[Problem]) -> Any:
    place = shape.serialization.get("location")
    wire_name = shape.serialization.get("name", name)
    if place == "headers":
        prefix = str(wire_name).lower()
        found = {key.removeprefix(prefix): text for key, text in call.headers.items() if key.startswith(prefix)}
        return found or None
    if place == "uri":
        text = call.params.get(wire_name)
    elif place == "querystring":
        text = call.query.get(wire_name)
    elif place == "header":
        text = call.headers.get(str(wire_name).lower())
    else:
        return None
    if text is None:
        return None
    if shape.type_name == "list":
        items = [text] if place == "querystring" else [item.strip() for item in text.split(",")]
        return [read for item in items if (read := read_text(shape.member.type_name, item, name, problems)) is not None]
    return read_text(shape.type_name, text, name, problems)


def _read_body(operation: Operation, shape: Shape, call: Call, problems: list[Problem]) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is None:
        in_body = any(member.serialization.get("location") not in _OF_NO_LOCATION for member in shape.members.values())
        return _read_document(operation, shape, call, problems) if in_body and call.body else {}
    member = shape.members[payload]
    if not call.body:
        return {}
    if member.type_name == "blob":
        return {payload: call.body}
    if member.type_name == "string":
        return {payload: call.body.decode("utf-8", "replace")}
    return {payload: _read_document(operation, member, call, problems)}


def _read_document(operation: Operation, shape: Shape, call: Call, problems: list[Problem]) -> dict[str, Any]:
    try:
        if operation.protocol == "rest-json":
            read = read_json(shape, json.loads(call.body), "", problems)
        else:
            read = read_xml(shape, ElementTree.fromstring(call.body), "", problems)
    except (ValueError, ElementTree.ParseError) as error:
        code = "MalformedXML" if operation.protocol == "rest-xml" else "InvalidRequestContentException"
        problems.append(Problem(VALUE, "", f"the body cannot be read: {error}", code=code))
        return {}
    return read if isinstance(read, dict) else {}


def _find_unknown(operation: Operation, members: dict[str, Shape], call: Call, problems: list[Problem]) -> None:
    known_query = _names_in(operation, "querystring") | _fixed_query(operation.uri)
    for key in call.query:
        # The SDKs name the operation in the address, for those who read logs.
        if key != "x-id" and key not in known_query and not key.startswith("X-Amz-"):
            problems.append(Problem(UNKNOWN, key, "is no query parameter of this action"))
    known_headers = {name.lower() for name in _names_in(operation, "header")}
    prefixes = _COMMON_HEADERS + tuple(name.lower() for name in _names_in(operation, "headers"))
    for key in call.headers:
        if key.startswith("x-amz-") and key not in known_headers and not key.startswith(prefixes):
            problems.append(Problem(UNKNOWN, key, "is no header of this action"))


@functools.cache
def _names_in(operation: Operation, place: str) -> frozenset[str]:
    members = {} if operation.shape is None else operation.shape.members
    return frozenset(
        str(shape.serialization.get("name", name)) for name, shape in members.items() if shape.serialization.get("location") == place
    )


@functools.cache
def _fixed_query(uri: str) -> frozenset[str]:
    return frozenset(key for key, _ in parse_qsl(uri.partition("?")[2], keep_blank_values=True))
