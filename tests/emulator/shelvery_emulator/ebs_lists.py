"""DescribeVolumes and DescribeSnapshots with the filters, owners and errors of the pages of these names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.responses import EC2Response

from .ec2_filters import Reader, apply_filters
from .emulator import Emulator
from .moto_times import told


def _flag(value: object) -> str:
    return "true" if value else "false"


def _of_attachment(read: Callable[[Any], str]) -> Reader:
    return lambda volume: read(volume.attachment) if volume.attachment is not None else None


VOLUME_FILTERS: Mapping[str, Reader] = {
    "attachment.attach-time": _of_attachment(lambda attachment: told(attachment.attach_time)),
    "attachment.device": _of_attachment(lambda attachment: attachment.device),
    "attachment.instance-id": _of_attachment(lambda attachment: attachment.instance.id),
    "attachment.status": _of_attachment(lambda attachment: attachment.status),
    "availability-zone": lambda volume: volume.availability_zone,
    "create-time": lambda volume: told(volume.create_time),
    "encrypted": lambda volume: _flag(volume.encrypted),
    "multi-attach-enabled": lambda volume: _flag(volume.multi_attach_enabled),
    "size": lambda volume: str(volume.size),
    "snapshot-id": lambda volume: volume.snapshot_id,
    "status": lambda volume: volume.status,
    "volume-id": lambda volume: volume.id,
    "volume-type": lambda volume: volume.volume_type,
}

SNAPSHOT_FILTERS: Mapping[str, Reader] = {
    "description": lambda snapshot: snapshot.description or "",
    "encrypted": lambda snapshot: _flag(snapshot.encrypted),
    "owner-alias": lambda snapshot: "amazon" if snapshot.owner_id == "amazon" else None,
    "owner-id": lambda snapshot: snapshot.owner_id,
    "progress": lambda snapshot: snapshot.progress,
    "snapshot-id": lambda snapshot: snapshot.id,
    "start-time": lambda snapshot: told(snapshot.start_time),
    "status": lambda snapshot: snapshot.status,
    "storage-tier": lambda snapshot: snapshot.storage_tier,
    "transfer-type": lambda snapshot: snapshot.transfer_type,
    "volume-id": lambda snapshot: snapshot.volume_id,
    "volume-size": lambda snapshot: str(snapshot.volume_size),
}


def _describe_volumes(
    backend: EC2Backend, volume_ids: Sequence[str] | None = None, filters: Mapping[str, Sequence[str]] | None = None
) -> list[Volume]:
    """Page "DescribeVolumes": one id that is gone fails the call, as a filter's value it does not."""
    found = [_get(backend.volumes, each, "volume", "InvalidVolume.NotFound") for each in dict.fromkeys(volume_ids or ())]
    return apply_filters(found if volume_ids else list(backend.volumes.values()), filters or {}, VOLUME_FILTERS)


def _describe_snapshots(
    backend: EC2Backend, snapshot_ids: Sequence[str] | None = None, filters: Mapping[str, Sequence[str]] | None = None
) -> list[Snapshot]:
    """Page "DescribeSnapshots": one id that is gone fails the call, as a filter's value it does not."""
    found = [_get(backend.snapshots, each, "snapshot", "InvalidSnapshot.NotFound") for each in dict.fromkeys(snapshot_ids or ())]
    return apply_filters(found if snapshot_ids else list(backend.snapshots.values()), filters or {}, SNAPSHOT_FILTERS)


def _get(resources: Mapping[str, Any], identifier: str, kind: str, code: str) -> Any:
    resource = resources.get(identifier)
    if resource is None:
        raise EC2ClientError(code, f"The {kind} '{identifier}' does not exist.")
    return resource


def _describe_snapshots_response(response: EC2Response) -> ActionResult:
    owners = set(response._get_param("OwnerIds", []))
    snapshots = response.ec2_backend.describe_snapshots(
        snapshot_ids=response._get_param("SnapshotIds", []), filters=response._filters_from_querystring()
    )
    if owners:
        snapshots = [each for each in snapshots if is_owned(each.owner_id, owners, response.current_account)]
    return ActionResult({"Snapshots": snapshots})


def is_owned(owner_id: str, owners: set[str], account: str) -> bool:
    """Page "DescribeSnapshots", OwnerIds: account ids, `self` and `amazon`."""
    return owner_id in owners or ("self" in owners and owner_id == account)


def install(_: Emulator) -> None:
    EC2Backend.describe_volumes = _describe_volumes  # type: ignore[method-assign, assignment]
    EC2Backend.describe_snapshots = _describe_snapshots  # type: ignore[method-assign, assignment]
    EC2Response.describe_snapshots = _describe_snapshots_response  # type: ignore[method-assign]
