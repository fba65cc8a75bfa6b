"""Reads the query protocol and EC2's dialect of it. Pages "AWS query protocol" and "AWS EC2 query protocol" of Smithy's documentation."""

from __future__ import annotations

import functools
from typing import Any

from botocore.model import Shape

from .validation_problems import UNKNOWN, VALUE, Problem
from .validation_scalars import read_text

#: names before the dots, to values or to what follows
Tree = dict[str, Any]


def read_query(shape: Shape, params: dict[str, str], protocol: str, problems: list[Problem]) -> dict[str, Any]:
    value = _QueryReader(protocol, problems).read(shape, _tree(params), "")
    return value if isinstance(value, dict) else {}


def _tree(params: dict[str, str]) -> Tree:
    root: Tree = {}
    for name, value in params.items():
        node = root
        *parents, last = name.split(".")
        for parent in parents:
            child = node.get(parent)
            if not isinstance(child, dict):
                child = node[parent] = {}
            node = child
        if not isinstance(node.get(last), dict):
            node[last] = value
    return root


class _QueryReader:
    def __init__(self, protocol: str, problems: list[Problem]) -> None:
        self._protocol = protocol
        self._problems = problems

    def read(self, shape: Shape, node: Any, at: str) -> Any:
        """None for what cannot be read."""
        kind = shape.type_name
        if kind == "structure":
            return self._read_structure(shape, node, at)
        if kind == "list":
            return self._read_list(shape, node, at)
        if kind == "map":
            return self._read_map(shape, node, at)
        if isinstance(node, dict):
            self._problems.append(Problem(VALUE, at, f"is a {kind} and has nothing below it"))
            return None
        return read_text(kind, node, at, self._problems)

    def _read_structure(self, shape: Shape, node: Any, at: str) -> Any:
        if not isinstance(node, dict):
            if node != "":
                self._problems.append(Problem(VALUE, at, "is a structure and no text"))
            return None
        members = _members_by_wire_name(shape, self._protocol)
        value = {}
        for wire_name, inner in node.items():
            member = members.get(wire_name)
            if member is None:
                self._problems.append(Problem(UNKNOWN, f"{at}.{wire_name}" if at else wire_name, "is no parameter of this action"))
                continue
            name, member_shape = member
            read = self.read(member_shape, inner, f"{at}.{name}" if at else name)
            if read is not None:
                value[name] = read
        return value

    def _read_list(self, shape: Shape, node: Any, at: str) -> Any:
        if self._protocol != "ec2" and not shape.serialization.get("flattened"):
            node = self._below(node, shape.member.serialization.get("name", "member"), at)
        return [read for inner in self._numbered(node, at) if (read := self.read(shape.member, *inner)) is not None]

    def _read_map(self, shape: Shape, node: Any, at: str) -> Any:
        if not shape.serialization.get("flattened"):
            node = self._below(node, "entry", at)
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        value = {}
        for entry, entry_at in self._numbered(node, at):
            if not isinstance(entry, dict) or set(entry) != {key_name, value_name}:
                self._problems.append(Problem(VALUE, entry_at, f"is an entry of a map and has a {key_name} and a {value_name}"))
                continue
            read = self.read(shape.value, entry[value_name], f"{at}.{entry[key_name]}")
            if read is not None:
                value[str(entry[key_name])] = read
        return value

    def _below(self, node: Any, name: str, at: str) -> Any:
        """The query protocol says `name` between a list and its numbers. An empty list is an empty text."""
        if not isinstance(node, dict):
            return node
        for other in node:
            if other != name:
                self._problems.append(Problem(UNKNOWN, f"{at}.{other}", f"is a list, whose items are {at}.{name}.1 and so on"))
        return node.get(name, {})

    def _numbered(self, node: Any, at: str) -> list[tuple[Any, str]]:
        if not isinstance(node, dict):
            if node != "":
                self._problems.append(Problem(VALUE, at, "is a list and no text"))
            return []
        expected = {str(number) for number in range(1, len(node) + 1)}
        if node.keys() != expected:
            self._problems.append(Problem(VALUE, at, "is a list, whose items are numbered from 1"))
            return []
        return [(node[str(number)], f"{at}.{number}") for number in range(1, len(node) + 1)]


@functools.cache
def _members_by_wire_name(shape: Shape, protocol: str) -> dict[str, tuple[str, Shape]]:
    return {_wire_name(name, member, protocol): (name, member) for name, member in shape.members.items()}


def _wire_name(name: str, shape: Shape, protocol: str) -> str:
    serialization = shape.serialization
    if protocol == "ec2":
        given = serialization.get("name", name)
        return str(serialization.get("queryName", given[0].upper() + given[1:] if "name" in serialization else given))
    if shape.type_name == "list" and serialization.get("flattened") and "name" in shape.member.serialization:
        return str(shape.member.serialization["name"])
    return str(serialization.get("name", name))
