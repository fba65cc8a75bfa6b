"""Roles that ask for an external id. Pages "AssumeRole", "Access to AWS accounts owned by third parties"."""

from __future__ import annotations

from typing import Any

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer


class ExternalIds(PassingInterceptor):
    """Every role may be assumed by everybody, save those that a test gives an external id."""

    def __init__(self) -> None:
        self._of_role: dict[str, str] = {}

    def require(self, payload: dict[str, str]) -> None:
        self._of_role[payload["roleArn"]] = payload["externalId"]

    def reset(self) -> None:
        self._of_role = {}

    def before(self, call: Call) -> Answer | None:
        if (call.service, call.action) != ("sts", "AssumeRole"):
            return None
        role_arn = str(call.params.get("RoleArn", ""))
        wanted = self._of_role.get(role_arn)
        if wanted is None or call.params.get("ExternalId") == wanted:
            return None
        caller = f"arn:aws:iam::{call.account}:root"
        message = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        return error_answer(call, "AccessDenied", message, 403)


def role_of(call: Call) -> str | None:
    """The ARN of the role whose keys a call was signed with. Keys that are an account's id are its root's."""
    if call.access_key == "" or call.access_key.isdigit():
        return None
    # Here, because moto's IAM is large and only assumed roles need it.
    from moto.iam.models import iam_backends

    for backend in iam_backends[call.account].values():
        key: Any = backend.access_keys.get(call.access_key)
        if key is not None:
            return str(key.role_arn) if key.role_arn else None
    return None


def install(emulator: Emulator) -> None:
    external_ids = ExternalIds()
    emulator.intercept(Stage.ACCESS, external_ids)
    emulator.on_reset(external_ids.reset)
    emulator.route("PUT", "roles/external-id", external_ids.require)
