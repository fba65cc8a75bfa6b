"""Compares answers with AWS's service models while a test asks for it: names of members, forms of values, codes of errors. What a service
model says of an answer is the "Response Elements" and "Errors" of the page of the call."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from botocore.model import OperationModel, Shape

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .validation_models import answering_operation

_FORMS = {
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "boolean": re.compile("true|false"),
    "integer": re.compile(r"-?\d+"),
    "long": re.compile(r"-?\d+"),
}
#: STS tells whole seconds (page "AssumeRole", the example).
_WHOLE_SECONDS = ("sts",)
#: Elements of every answer of the query protocols that are in no model, and those of errors.
_ENVELOPE = frozenset({"requestId", "RequestId", "RequestID", "ResponseMetadata"})
#: Page "Common error types": codes of every action.
_COMMON_CODES = frozenset(
    {"AccessDenied", "InvalidParameterCombination", "InvalidParameterValue", "MissingParameter", "Throttling", "InternalFailure"}
)


def _problems(call: Call, model: OperationModel, answer: Answer) -> Iterator[str]:
    if answer.status >= 300:
        yield from _error_problems(call, model, answer)
    elif model.output_shape is None or not answer.body:
        return
    elif call.protocol in ("json", "rest-json"):
        if "payload" not in model.output_shape.serialization:
            yield from _json_problems(model.output_shape, json.loads(answer.body), "")
    else:
        yield from _body_problems(call, model.output_shape, answer.body)


def _body_problems(call: Call, shape: Shape, body: bytes) -> Iterator[str]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        shape = shape.members[payload]
        if shape.type_name != "structure":
            return
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        # A policy, or a place that is told as text.
        return
    wrapper = shape.serialization.get("resultWrapper")
    if wrapper is not None and _name(root) != wrapper:
        found = [child for child in root if _name(child) == wrapper]
        if len(found) != 1:
            yield f"no {wrapper}"
            return
        root = found[0]
    yield from _xml_problems(call, shape, root, "")


def _xml_problems(call: Call, shape: Shape, element: ElementTree.Element, at: str) -> Iterator[str]:
    if shape.type_name == "structure":
        in_body = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
        members = {_wire_name(member, name): (name, member) for name, member in in_body.items()}
        for child in element:
            if _name(child) in members:
                name, member = members[_name(child)]
                yield from _member_problems(call, member, child, f"{at}.{name}" if at else name)
            elif at or _name(child) not in _ENVELOPE:
                yield f"{at}: no member {_name(child)}"
    elif shape.type_name != "list" and shape.type_name != "map":
        yield from _scalar_problems(call, shape, element.text or "", at)


def _member_problems(call: Call, shape: Shape, element: ElementTree.Element, at: str) -> Iterator[str]:
    if shape.type_name != "list":
        yield from _xml_problems(call, shape, element, at)
    elif shape.serialization.get("flattened"):
        yield from _xml_problems(call, shape.member, element, at)
    else:
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            if _name(child) != wanted:
                yield f"{at}: an item is called {_name(child)} and not {wanted}"
            yield from _xml_problems(call, shape.member, child, at)


def _scalar_problems(call: Call, shape: Shape, text: str, at: str) -> Iterator[str]:
    form = _FORMS.get(shape.type_name)
    whole_seconds = shape.type_name == "timestamp" and call.service in _WHOLE_SECONDS
    if form is not None and form.fullmatch(text) is None and not whole_seconds:
        yield f"{at}: {text!r} is no {shape.type_name}"
    values = getattr(shape, "enum", [])
    if values and text not in values:
        yield f"{at}: {text!r} is none of {', '.join(values)}"


def _json_problems(shape: Shape, value: Any, at: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name in shape.members:
                yield from _json_problems(shape.members[name], inner, f"{at}.{name}" if at else name)
            else:
                yield f"{at}: no member {name}"
    elif shape.type_name == "list":
        for inner in value:
            yield from _json_problems(shape.member, inner, at)


def _error_problems(call: Call, model: OperationModel, answer: Answer) -> Iterator[str]:
    """EC2 and S3 have no errors in their models: of theirs the form alone is looked at."""
    if call.method == "HEAD" or call.protocol in ("json", "rest-json"):
        return
    root = ElementTree.fromstring(answer.body)
    path = {"ec2": "Errors/Error/Code", "query": "Error/Code", "rest-xml": "Code"}[call.protocol]
    code = next((element.text for element in _find(root, path)), None)
    if code is None:
        yield f"an error without {path}"
        return
    known = {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
    if known and call.protocol == "query" and code not in known | _COMMON_CODES:
        yield f"{code} is none of the errors {', '.join(sorted(known))}"


def _find(root: ElementTree.Element, path: str) -> list[ElementTree.Element]:
    found = [root]
    for name in path.split("/"):
        found = [child for element in found for child in element if _name(child) == name]
    return found


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _wire_name(shape: Shape, name: str) -> str:
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        return str(shape.member.serialization.get("name", shape.serialization.get("name", name)))
    return str(shape.serialization.get("name", name))


class AnswerShapes(PassingInterceptor):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._on = False
        self._found: list[dict[str, str]] = []

    def set(self, payload: dict[str, bool]) -> None:
        self._on = payload["on"]

    def take(self, _: object) -> list[dict[str, str]]:
        with self._lock:
            found, self._found = self._found, []
            return found

    def after(self, call: Call, answer: Answer) -> Answer:
        model = answering_operation(call) if self._on else None
        if model is not None:
            found = list(_problems(call, model, answer))
            with self._lock:
                self._found += [{"action": call.action, "problem": each} for each in found]
        return answer


def install(emulator: Emulator) -> None:
    shapes = AnswerShapes()
    emulator.intercept(Stage.LOG, shapes)
    emulator.on_reset(shapes.reset)
    emulator.route("PUT", "answers/shapes", shapes.set)
    emulator.route("POST", "answers/problems/take", shapes.take)
