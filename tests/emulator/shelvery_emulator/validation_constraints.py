"""What a service's model says of values: required members, enums, patterns, lengths and ranges."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import Shape

from .validation_problems import MISSING, VALUE, Problem

#: botocore has patterns as Java reads them: of the whole value, with classes of ASCII characters
_FLAGS = regex.ASCII | regex.VERSION0
_LONGEST_SHOWN = 80


def unmet_constraints(shape: Shape, value: Any) -> list[Problem]:
    """`value` as validation_wire reads it. What it could not read is not in it."""
    problems: list[Problem] = []
    _check(shape, value, "", problems)
    return problems


def _check(shape: Shape, value: Any, at: str, problems: list[Problem]) -> None:
    kind = shape.type_name
    if kind == "structure":
        _check_members(shape, value, at, problems)
        return
    if kind == "list":
        if _has_constraints(shape.member):
            for index, item in enumerate(value, start=1):
                _check(shape.member, item, f"{at}.{index}", problems)
    elif kind == "map":
        for key, item in value.items():
            _check(shape.key, key, f"{at} (key)", problems)
            _check(shape.value, item, f"{at}.{key}", problems)
    if shape.metadata:
        problems += _check_itself(kind, shape.metadata, value, at)


def _check_members(shape: Shape, value: dict[str, Any], at: str, problems: list[Problem]) -> None:
    prefix = f"{at}." if at else ""
    for name in shape.metadata.get("required", ()):
        if name not in value:
            problems.append(Problem(MISSING, f"{prefix}{name}", "is required"))
    for name, item in value.items():
        _check(shape.members[name], item, f"{prefix}{name}", problems)


_CONSTRAINTS = frozenset({"required", "enum", "pattern", "min", "max"})


@functools.cache
def _has_constraints(shape: Shape) -> bool:
    """Whether there is anything to check in the items of a list, of which there may be many. Shapes that hold themselves are taken to."""
    if not _CONSTRAINTS.isdisjoint(shape.metadata):
        return True
    if shape.type_name == "structure":
        return any(member.type_name in ("structure", "list", "map") or _has_constraints(member) for member in shape.members.values())
    return shape.type_name in ("list", "map")


def _check_itself(kind: str, metadata: dict[str, Any], value: Any, at: str) -> Iterator[Problem]:
    allowed = metadata.get("enum")
    if allowed is not None and value not in allowed:
        yield Problem(VALUE, at, f"{_shown(value)} is none of {', '.join(allowed)}")
    pattern = metadata.get("pattern")
    if pattern is not None and isinstance(value, str) and _compiled(pattern).fullmatch(value) is None:
        yield Problem(VALUE, at, f"{_shown(value)} does not match {pattern}")
    if "min" in metadata or "max" in metadata:
        is_number = kind in ("integer", "long", "float", "double")
        size = value if is_number else len(value)
        least, most = metadata.get("min"), metadata.get("max")
        if (least is not None and size < least) or (most is not None and size > most):
            what = "value" if is_number else "length"
            yield Problem(VALUE, at, f"the {what} {size} is not from {least} to {most}")


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, _FLAGS)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
