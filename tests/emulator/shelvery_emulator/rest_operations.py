"""Names the operation of a REST call (S3, Lambda) from method, path and query, by botocore's model of the service."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel


@dataclass(frozen=True)
class RestOperation:
    name: str
    method: str
    path: re.Pattern[str]
    #: query keys with the value that the operation's address gives them
    fixed_query: tuple[tuple[str, str], ...]
    #: query keys and headers that the operation cannot be called without
    needed_query: frozenset[str]
    needed_headers: frozenset[str]
    #: of the input: name in the query or header -> name of the member
    query_members: Mapping[str, str]
    header_members: Mapping[str, str]

    @property
    def specificity(self) -> tuple[int, int]:
        """How much the operation asks for: CopyObject comes before PutObject."""
        return len(self.fixed_query) + len(self.needed_query) + len(self.needed_headers), len(self.path.pattern)


@dataclass(frozen=True)
class MatchedOperation:
    name: str
    params: dict[str, str]


def match_operation(
    service: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> MatchedOperation | None:
    """The operation that asks for the most of what the call has; None if none fits. `path` as it was sent, encoded."""
    for operation in _operations(service):
        found = operation.path.fullmatch(path) if operation.method == method else None
        if found is not None and _has_all(operation, query, headers):
            return MatchedOperation(operation.name, _params(operation, found, query, headers))
    return None


def _has_all(operation: RestOperation, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    return (
        all(query.get(key) == value for key, value in operation.fixed_query)
        and operation.needed_query <= query.keys()
        and operation.needed_headers <= headers.keys()
    )


def _params(
    operation: RestOperation, found: re.Match[str], query: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, str]:
    params = {name: unquote(value) for name, value in found.groupdict().items()}
    params.update({member: query[key] for key, member in operation.query_members.items() if key in query})
    params.update({member: headers[key] for key, member in operation.header_members.items() if key in headers})
    return params


@functools.cache
def _operations(service: str) -> tuple[RestOperation, ...]:
    model = botocore.session.get_session().get_service_model(service)
    models = [model.operation_model(name) for name in model.operation_names]
    # Older names of one operation (PutBucketLifecycle), and directory buckets, which share an address with ordinary ones.
    current = [each for each in models if not each.deprecated and each.name != "ListDirectoryBuckets"]
    return tuple(sorted(map(_operation, current), key=lambda each: each.specificity, reverse=True))


def _operation(model: OperationModel) -> RestOperation:
    uri, _, fixed_query = model.http["requestUri"].partition("?")
    members = model.input_shape.members if model.input_shape is not None else {}
    required = set(model.input_shape.required_members) if model.input_shape is not None else set()
    places = {name: (shape.serialization.get("location"), shape.serialization.get("name", name)) for name, shape in members.items()}
    query_members = {key: name for name, (place, key) in places.items() if place == "querystring"}
    header_members = {key.lower(): name for name, (place, key) in places.items() if place == "header"}
    return RestOperation(
        name=model.name,
        method=model.http["method"],
        path=_path_pattern(uri),
        fixed_query=tuple(parse_qsl(fixed_query, keep_blank_values=True)),
        needed_query=frozenset(key for key, name in query_members.items() if name in required),
        needed_headers=frozenset(key for key, name in header_members.items() if name in required),
        query_members=query_members,
        header_members=header_members,
    )


def _path_pattern(uri: str) -> re.Pattern[str]:
    pattern = ""
    for part in re.split(r"(\{[^}]+\})", uri):
        if part.endswith("+}"):
            pattern += f"(?P<{part[1:-2]}>.+)"
        elif part.startswith("{"):
            pattern += f"(?P<{part[1:-1]}>[^/]+)"
        else:
            pattern += re.escape(part)
    slash_may_follow = not uri.endswith(("/", "+}"))
    return re.compile(f"{pattern}/?" if slash_may_follow else pattern)
