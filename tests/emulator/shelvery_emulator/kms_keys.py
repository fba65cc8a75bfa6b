"""Makes customer-managed KMS keys, for tests that have no client of that service."""

from __future__ import annotations

from typing import Any

from moto.kms import kms_backends

from .emulator import Emulator


def _make_key(payload: dict[str, Any]) -> str:
    """A symmetric key, enabled; its ARN."""
    key = kms_backends[payload["account"]][payload["region"]].create_key(
        policy="", key_usage="ENCRYPT_DECRYPT", key_spec="SYMMETRIC_DEFAULT", description="", tags=None
    )
    if "alias" in payload:
        kms_backends[payload["account"]][payload["region"]].create_alias(key.id, payload["alias"])
    return str(key.arn)


def install(emulator: Emulator) -> None:
    def make_key(payload: dict[str, Any]) -> str:
        with emulator.moto_lock:
            return _make_key(payload)

    emulator.route("POST", "keys", make_key)
