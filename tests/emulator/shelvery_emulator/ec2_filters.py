"""Filters of EC2 list calls as the pages "DescribeVolumes", "DescribeSnapshots" and "Filter" describe them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from moto.ec2.exceptions import EC2ClientError

Resource = TypeVar("Resource")
#: What a resource has under a filter's name: one value, several, or none.
Reader = Callable[[Any], str | Iterable[str] | None]


def apply_filters(
    resources: Iterable[Resource], filters: Mapping[str, Sequence[str]], readers: Mapping[str, Reader]
) -> list[Resource]:
    """Those that fit every filter; a filter fits if any of its values does. Values are case-sensitive, `*` and `?` are wild."""
    checks = [_check(name, values, readers) for name, values in filters.items()]
    return [resource for resource in resources if all(check(resource) for check in checks)]


def _check(name: str, values: Sequence[str], readers: Mapping[str, Reader]) -> Callable[[Any], bool]:
    read = _reader(name, readers)
    fits = _value_check(values)

    def check(resource: Any) -> bool:
        found = read(resource)
        if found is None:
            return False
        return fits(found) if isinstance(found, str) else any(map(fits, found))

    return check


def _reader(name: str, readers: Mapping[str, Reader]) -> Reader:
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda resource: tags_of(resource).get(key)
    if name == "tag-key":
        return lambda resource: tags_of(resource).keys()
    if name == "tag-value":
        return lambda resource: tags_of(resource).values()
    reader = readers.get(name)
    if reader is None:
        raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return reader


def tags_of(resource: Any) -> Mapping[str, str]:
    return resource.ec2_backend.tags.get(resource.id) or {}


def _value_check(values: Sequence[str]) -> Callable[[str], bool]:
    exact = {value for value in values if not _is_wild(value)}
    patterns = [_pattern(value) for value in values if _is_wild(value)]
    return lambda found: found in exact or any(pattern.fullmatch(found) for pattern in patterns)


def _is_wild(value: str) -> bool:
    return any(character in value for character in "*?\\")


@functools.lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    r"""Page "List and filter your resources": `*` is any characters, `?` is one, `\*`, `\?` and `\\` stand for themselves."""
    parts = re.findall(r"\\.|[\s\S]", value)
    wild = {"*": ".*", "?": "."}
    return re.compile(
        "".join(re.escape(part[1:]) if len(part) == 2 else wild.get(part, re.escape(part)) for part in parts), re.DOTALL
    )
