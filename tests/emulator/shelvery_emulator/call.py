"""One call of an AWS API, and its answer, as every part of the emulator sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Call:
    """A call that has been identified. `service` is botocore's name of it (docdb and neptune calls are `rds`)."""

    service: str
    action: str
    region: str
    account: str
    access_key: str
    #: ec2, query, json, rest-json or rest-xml: the wire format that the answer must have
    protocol: str
    method: str
    path: str
    #: the path and query as they were sent
    target: str
    query: Mapping[str, str]
    #: names in lower case
    headers: dict[str, str]
    body: bytes
    #: flat for the query protocols (`Filter.1.Name`), the JSON document, or for REST calls what path, query and headers name
    params: dict[str, Any]
    #: what interceptors keep for their own `after`, under their own name
    notes: dict[str, Any] = field(default_factory=dict)

    def replace_body(self, body: bytes) -> None:
        """What goes on to moto instead of what was sent."""
        self.body = body
        self.headers["content-length"] = str(len(body))

    def flat_params(self) -> Iterator[tuple[str, str]]:
        """The parameters as dotted names with text values; numbers count from 1 as in the query protocol."""
        return _flatten("", self.params)

    def listed(self, name: str) -> list[str]:
        """The values of a list of the query protocol: `SnapshotId` for `SnapshotId.1`, `SnapshotId.2` …"""
        values = []
        for prefix in (f"{name}.", f"{name}.member."):
            index = 1
            while (value := self.params.get(f"{prefix}{index}")) is not None:
                values.append(str(value))
                index += 1
        return values


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flatten(f"{prefix}.{name}" if prefix else str(name), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value, start=1):
            yield from _flatten(f"{prefix}.{index}", inner)
    else:
        yield prefix, str(value)


@dataclass(slots=True)
class Answer:
    """What goes back to the client. Header names as they are to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


class DropConnection(Exception):
    """Raised by an interceptor: the connection is closed without an answer."""
