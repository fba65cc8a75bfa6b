"""The key that new encrypted volumes and copies have where none is named: AWS's own, or one that the account chose. Pages
"GetEbsDefaultKmsKeyId", "ModifyEbsDefaultKmsKeyId", "ResetEbsDefaultKmsKeyId", "CopySnapshot" (encryption by default)."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import Volume
from moto.ec2.responses import EC2Response

from .emulator import Emulator

#: Page "GetEbsDefaultKmsKeyId" shows an ARN where the account chose a key, and this alias where it did not.
MANAGED_ALIAS = "alias/aws/ebs"


def managed_key(backend: EC2Backend) -> str:
    """The AWS-managed key of a region, which is made when it is first needed; its ARN."""
    chosen = backend.default_kms_key_id
    arn = backend._create_default_encryption_key()
    # Moto takes it for the default from then on.
    backend.default_kms_key_id = chosen
    return arn


def default_key(backend: EC2Backend) -> str:
    """What the account chose for the region, or the AWS-managed key; its ARN."""
    return backend.default_kms_key_id or managed_key(backend)


def install(_: Emulator) -> None:
    create = EC2Backend.create_volume

    def create_volume(backend: EC2Backend, *args: Any, **kwargs: Any) -> Volume:
        """Moto takes the AWS-managed key for the one that was chosen as soon as a volume needs it."""
        chosen = backend.default_kms_key_id
        volume = create(backend, *args, **kwargs)
        backend.default_kms_key_id = chosen
        return volume

    def get(response: EC2Response) -> ActionResult:
        return ActionResult({"KmsKeyId": response.ec2_backend.default_kms_key_id or MANAGED_ALIAS})

    def reset(response: EC2Response) -> ActionResult:
        response.ec2_backend.default_kms_key_id = ""
        return get(response)

    EC2Backend.create_volume = create_volume  # type: ignore[method-assign]
    EC2Response.get_ebs_default_kms_key_id = get  # type: ignore[attr-defined]
    EC2Response.reset_ebs_default_kms_key_id = reset  # type: ignore[attr-defined]
