"""Customer-managed KMS keys, made for tests that have no client of that service, and who manages the others. Pages "DescribeKey",
"KeyMetadata" (KeyManager), "AWS KMS keys" (aliases that begin with aws/ are those of AWS-managed keys)."""

from __future__ import annotations

from typing import Any

from moto.kms import kms_backends
from moto.kms.models import Key

from .emulator import Emulator


def _make_key(payload: dict[str, Any]) -> str:
    """A symmetric key, enabled; its ARN."""
    key = kms_backends[payload["account"]][payload["region"]].create_key(
        policy="", key_usage="ENCRYPT_DECRYPT", key_spec="SYMMETRIC_DEFAULT", description="", tags=None
    )
    if "alias" in payload:
        kms_backends[payload["account"]][payload["region"]].create_alias(key.id, payload["alias"])
    return str(key.arn)


def _know_managers() -> None:
    def manager(key: Key) -> str:
        return "AWS" if any(alias.startswith("alias/aws/") for alias in key.aliases) else "CUSTOMER"

    def ignore(_: Key, __: str) -> None:
        """Moto takes every key for a customer's."""

    Key.key_manager = property(manager, ignore)  # type: ignore[assignment]


def install(emulator: Emulator) -> None:
    _know_managers()

    def make_key(payload: dict[str, Any]) -> str:
        with emulator.moto_lock:
            return _make_key(payload)

    emulator.route("POST", "keys", make_key)
