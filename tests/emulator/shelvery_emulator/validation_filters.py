"""Which filters a list call has. The models do not say it, the page of each action does, in the list of its parameter `Filters`."""

from __future__ import annotations

import functools
import html
import re
from typing import Any

from .validation_models import Operation, documentation_of
from .validation_problems import VALUE, Problem

#: an item of the page's list: the filter's name, and what follows it in names like tag:<key>
_ITEM = re.compile(r"<li>\s*<p>\s*<code>([^<]+)</code>(:&lt;key&gt;)?")
_UNSUPPORTED = re.compile(r"not currently supported")


def unknown_filters(operation: Operation, filters: Any) -> list[Problem]:
    known = _documented(operation.model, operation.name)
    if known is None:
        return []
    names = [(number, each.get("Name")) for number, each in enumerate(filters, start=1) if isinstance(each, dict)]
    return [
        Problem(VALUE, f"Filters.{number}.Name", f"{name!r} is no filter of this action; it has: {', '.join(sorted(known)) or 'none'}")
        for number, name in names
        if name is not None and name not in known and not ("tag:" in known and name.startswith("tag:"))
    ]


@functools.cache
def _documented(model: str, action: str) -> frozenset[str] | None:
    """None where the page has no list."""
    text = documentation_of(model, action, "Filters")
    names = {html.unescape(name) + (":" if key else "") for name, key in _ITEM.findall(text)}
    names = {"tag:" if name in ("tag:<key>", "tag:") else name for name in names}
    if names:
        return frozenset(names)
    return frozenset() if _UNSUPPORTED.search(text) else None
