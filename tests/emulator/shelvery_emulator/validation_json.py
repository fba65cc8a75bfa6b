"""Reads JSON documents: the bodies of the JSON protocol, and of REST calls of JSON services. Page "AWS JSON 1.0 protocol"."""

from __future__ import annotations

import functools
from typing import Any

from botocore.model import Shape

from .validation_problems import UNKNOWN, VALUE, Problem
from .validation_scalars import read_base64

_NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}


def read_json(shape: Shape, document: Any, at: str, problems: list[Problem]) -> Any:
    """None for what cannot be read; a null is as good as nothing."""
    kind = shape.type_name
    if kind == "structure":
        return _read_structure(shape, document, at, problems)
    if kind == "list" and isinstance(document, list):
        read = [read_json(shape.member, item, f"{at}.{index}", problems) for index, item in enumerate(document, start=1)]
        return [item for item in read if item is not None]
    if kind == "map" and isinstance(document, dict):
        entries = {key: read_json(shape.value, item, f"{at}.{key}", problems) for key, item in document.items()}
        return {key: item for key, item in entries.items() if item is not None}
    return _read_scalar(kind, document, at, problems)


def _read_structure(shape: Shape, document: Any, at: str, problems: list[Problem]) -> Any:
    if not isinstance(document, dict):
        problems.append(Problem(VALUE, at, "is a structure"))
        return None
    members = members_by_name(shape)
    value = {}
    for wire_name, inner in document.items():
        path = f"{at}.{wire_name}" if at else wire_name
        member = members.get(wire_name)
        if member is None:
            problems.append(Problem(UNKNOWN, path, "is no parameter of this action"))
            continue
        read = None if inner is None else read_json(member[1], inner, path, problems)
        if read is not None:
            value[member[0]] = read
    return value


def _read_scalar(kind: str, document: Any, at: str, problems: list[Problem]) -> Any:
    if kind == "blob" and isinstance(document, str):
        return read_base64(document, at, problems)
    if kind == "timestamp":
        fits = isinstance(document, (int, float, str)) and not isinstance(document, bool)
    elif kind == "boolean":
        fits = isinstance(document, bool)
    elif kind in _NUMBERS:
        fits = isinstance(document, _NUMBERS[kind]) and not isinstance(document, bool)
    else:
        fits = kind == "string" and isinstance(document, str)
    if not fits:
        problems.append(Problem(VALUE, at, f"is a {kind} and no {type(document).__name__}"))
        return None
    return document


@functools.cache
def members_by_name(shape: Shape) -> dict[str, tuple[str, Shape]]:
    """Members by their names in documents."""
    return {shape.serialization.get("name", name): (name, shape) for name, shape in shape.members.items()}
