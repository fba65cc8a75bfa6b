"""Checks every call against AWS's own model of the service and against the rules that AWS states in prose, answers an illegal one as
the service would, and remembers it until a test takes it. So no test passes by a call that AWS would refuse."""

from __future__ import annotations

import threading
from typing import Any

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .validation_constraints import unmet_constraints
from .validation_models import find_operation, is_checked
from .validation_problems import ACTION, Problem, error_of
from .validation_rules import broken_rules
from .validation_wire import read_input
from .wire_errors import error_answer

_NOTE = "problems"


def problems_of(call: Call) -> list[Problem]:
    """Nothing for services that have no model here, and for requests that are neither signed nor of a known form."""
    if not is_checked(call.service) or (call.action == "Unknown" and not call.access_key):
        return []
    found = find_operation(call)
    if found is None:
        rule = f"no operation of {call.service} in the {call.protocol} protocol: {call.method} {call.path}"
        return [Problem(ACTION, "", rule, "Actions")]
    value, problems = read_input(call, found)
    if found.shape is not None:
        problems += unmet_constraints(found.shape, value)
    problems += broken_rules(found, value, call)
    return [each.on_page(call.action) for each in problems]


class Violations(PassingInterceptor):
    """Outside of everything that may answer a call, so that refused, dropped and throttled calls are checked like all others, and of the
    log, as the first call of a service waits here for its model. A reset forgets nothing: only who takes the violations knows of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._violations: list[dict[str, Any]] = []

    def before(self, call: Call) -> Answer | None:
        problems = problems_of(call)
        if problems:
            call.notes[_NOTE] = problems
            with self._lock:
                self._violations += [_violation(call, each) for each in problems]
        return None

    def list(self, _: object) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._violations)

    def take(self, _: object) -> list[dict[str, Any]]:
        with self._lock:
            taken, self._violations = self._violations, []
        return taken


def _violation(call: Call, problem: Problem) -> dict[str, Any]:
    return {
        "service": call.service,
        "action": call.action,
        "parameter": problem.parameter,
        "rule": problem.rule,
        "page": problem.page,
    }


class Refusal(PassingInterceptor):
    """Answers illegal calls, after the parts of the emulator that know the error of a rule more exactly."""

    def before(self, call: Call) -> Answer | None:
        problems: list[Problem] | None = call.notes.get(_NOTE)
        return error_answer(call, *error_of(call.service, problems)) if problems else None


def install(emulator: Emulator) -> None:
    violations = Violations()
    emulator.intercept(Stage.LOG - 1, violations)
    emulator.intercept(Stage.VALIDATION, Refusal())
    emulator.route("GET", "violations", violations.list)
    emulator.route("POST", "violations/take", violations.take)
