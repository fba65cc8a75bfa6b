"""Reads values that came as text: in queries, headers, addresses and XML."""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import parsedate
from typing import Any

from .validation_problems import VALUE, Problem

_FORMS = {
    "integer": re.compile(r"-?\d+"),
    "long": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"),
    "double": re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"),
    "boolean": re.compile(r"true|false"),
}
_ISO_8601_OR_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)|\d+(?:\.\d+)?")


def read_text(kind: str, text: str, at: str, problems: list[Problem]) -> Any:
    """None for what is not of that kind."""
    if kind == "string":
        return text
    if kind == "blob":
        return read_base64(text, at, problems)
    if kind == "timestamp":
        fits = _ISO_8601_OR_SECONDS.fullmatch(text) is not None or parsedate(text) is not None
    else:
        fits = _FORMS[kind].fullmatch(text) is not None
    if not fits:
        problems.append(Problem(VALUE, at, f"is a {kind} and not {text!r}"))
        return None
    if kind in ("integer", "long"):
        return int(text)
    if kind in ("float", "double"):
        return float(text)
    return text == "true" if kind == "boolean" else text


def read_base64(text: str, at: str, problems: list[Problem]) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        problems.append(Problem(VALUE, at, "is a blob, in base 64"))
        return None
