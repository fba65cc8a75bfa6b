"""Customer-managed KMS keys, made for tests that have no client of that service, who manages the others, and keys of other accounts.
Pages "DescribeKey" (cross-account use: by the key's ARN), "KeyMetadata" (KeyManager), "AWS KMS keys" (aliases that begin with aws/ are
those of AWS-managed keys)."""

from __future__ import annotations

from typing import Any

from moto.kms import kms_backends
from moto.kms.models import Key
from moto.kms.responses import KmsResponse

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


def _describe_keys_of_others() -> None:
    """Whether the key's policy lets the caller look is not asked: it always does."""
    describe = KmsResponse.describe_key

    def describe_key(response: KmsResponse) -> str:
        own = response.current_account
        key_id = str(response._get_param("KeyId"))
        response.current_account = key_id.split(":")[4] if key_id.startswith("arn:") else own
        try:
            return describe(response)
        finally:
            response.current_account = own

    KmsResponse.describe_key = describe_key  # type: ignore[method-assign]


def install(emulator: Emulator) -> None:
    _know_managers()
    _describe_keys_of_others()

    def make_key(payload: dict[str, Any]) -> str:
        with emulator.moto_lock:
            return _make_key(payload)

    emulator.route("POST", "keys", make_key)
