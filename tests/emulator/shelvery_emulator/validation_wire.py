"""Reads the input of an operation from a request of any protocol, into values by the names of the service's model. What the model does
not have, or has with another type, is a problem and is left out."""

from __future__ import annotations

import json
from typing import Any

from .call import Call
from .validation_json import read_json
from .validation_models import Operation
from .validation_problems import UNKNOWN, Problem
from .validation_query import read_query
from .validation_rest import read_rest


def read_input(call: Call, operation: Operation) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    if operation.protocol in ("ec2", "query"):
        params = {name: value for name, value in call.params.items() if not name.startswith("X-Amz-")}
        if operation.shape is None:
            return {}, _unexpected(params)
        return read_query(operation.shape, params, operation.protocol, problems), problems
    if operation.protocol == "json":
        document = json.loads(call.body or b"{}")
        if operation.shape is None:
            return {}, _unexpected(document)
        return read_json(operation.shape, document, "", problems) or {}, problems
    return read_rest(operation, call, problems), problems


def _unexpected(params: dict[str, Any]) -> list[Problem]:
    return [Problem(UNKNOWN, name, "is no parameter of this action") for name in params]
