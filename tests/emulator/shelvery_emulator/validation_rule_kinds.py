"""The kinds of rules that AWS states in prose. Each says what is wrong with a value, or None."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import regex

#: What is wrong with the value of a parameter, if anything is.
Check = Callable[[Any], str | None]

SHOWN = 60


@dataclass(frozen=True)
class Rule:
    """`path` is dotted, by the names of the model: `*` stands for every item of a list, and nothing for all parameters together."""

    #: None for every action that gives what stands at the path
    actions: tuple[str, ...] | None
    path: str
    check: Check
    page: str
    code: str | None = None
    status: int = 400
    parts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.path.split(".")) if self.path else ())

    def is_for(self, action: str) -> bool:
        return not action.startswith("Delete") if self.actions is None else action in self.actions


def found_at(value: Any, parts: tuple[str, ...], at: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at a path, each with its own dotted name."""
    if not parts:
        yield at, value
        return
    first, *rest = parts
    if first == "*":
        for number, item in enumerate(value if isinstance(value, list) else (), start=1):
            yield from found_at(item, tuple(rest), f"{at}.{number}")
    elif isinstance(value, dict) and first in value:
        yield from found_at(value[first], tuple(rest), f"{at}.{first}" if at else first)


def matches(pattern: str, meaning: str) -> Check:
    compiled = regex.compile(pattern)
    return lambda value: None if compiled.fullmatch(value) else f"{_shown(value)} is not {meaning}"


def name_of(longest: int) -> Check:
    """What RDS, DocumentDB and Redshift take for a snapshot's name."""
    return matches(
        rf"(?=.{{1,{longest}}}$)[A-Za-z](?:-?[A-Za-z0-9])*",
        f"1 to {longest} letters, digits and hyphens, a letter first, no two hyphens together and none at the end",
    )


def between(least: int, most: int, *others: int) -> Check:
    return lambda value: None if least <= value <= most or value in others else f"{value} is not from {least} to {most}"


def one_of(*allowed: str) -> Check:
    return lambda value: None if value in allowed else f"{_shown(value)} is none of {', '.join(allowed)}"


def at_most(most: int, what: str) -> Check:
    """For lists."""
    return lambda value: None if len(value) <= most else f"there are {len(value)} {what}, and {most} at most may be"


def at_least_one(what: str) -> Check:
    return lambda value: None if len(value) > 0 else f"there is no {what}"


def unique(member: str) -> Check:
    """For lists of structures."""

    def check(value: list[dict[str, Any]]) -> str | None:
        counts = Counter(item.get(member) for item in value)
        doubled = next((each for each, count in counts.items() if count > 1), None)
        return None if doubled is None else f"the {member} {_shown(doubled)} is there more than once"

    return check


def at_most_bytes(most: int) -> Check:
    """Text in UTF-8, or bytes."""

    def check(value: str | bytes) -> str | None:
        size = len(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value)
        return None if size <= most else f"there are {size:,} bytes, and {most:,} at most may be"

    return check


def policy_at_most_bytes(most: int) -> Check:
    """Spaces between the parts of a document do not count."""

    def check(value: str) -> str | None:
        try:
            return at_most_bytes(most)(json.dumps(json.loads(value), separators=(",", ":"), ensure_ascii=False))
        except ValueError:
            return at_most_bytes(most)(value)

    return check


def messages_at_most_bytes(most: int, body: str) -> Check:
    """For a message, or a list of them: its text and its attributes, names and types and values."""

    def check(value: Any) -> str | None:
        messages = value if isinstance(value, list) else [value]
        size = sum(_message_bytes(message, body) for message in messages)
        return None if size <= most else f"there are {size:,} bytes, and {most:,} at most may be"

    return check


def _message_bytes(message: dict[str, Any], body: str) -> int:
    size = len(str(message.get(body, "")).encode("utf-8", "surrogatepass"))
    for name, attribute in message.get("MessageAttributes", {}).items():
        texts = (name, attribute.get("DataType", ""), attribute.get("StringValue", ""))
        size += sum(len(text.encode()) for text in texts) + len(attribute.get("BinaryValue", b""))
    return size


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
