"""Snapshots across accounts and under keys: who may copy them, and which may be shared. Pages "CopySnapshot" and
"ModifySnapshotAttribute", "Share an Amazon EBS snapshot", "Copy an Amazon EBS snapshot"."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses import EC2Response
from moto.kms import kms_backends

from .ebs_default_key import default_key, managed_key
from .emulator import Emulator
from .snapshot_states import Course, Progress

def readable_snapshot(account: str, region: str, snapshot_id: str) -> Snapshot:
    """A snapshot that the account may read: its own, one that is shared with it, or a public one."""
    for owner, in_region, backend in ec2_backends.iter_backends():
        snapshot = backend.snapshots.get(snapshot_id) if in_region == region else None
        if snapshot is None:
            continue
        shared = account in snapshot.create_volume_permission_userids or "all" in snapshot.create_volume_permission_groups
        if account in (owner, snapshot.owner_id) or shared:
            return snapshot
    raise EC2ClientError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")


def key_arn(backend: EC2Backend, key: str) -> str | None:
    """A key's ARN, from its id, alias or either's ARN; none where there is no such key in the region."""
    account = key.split(":")[4] if key.startswith("arn:") else backend.account_id
    region = key.split(":")[3] if key.startswith("arn:") else backend.region_name
    if region != backend.region_name:
        return None
    keys = kms_backends[account][region]
    name = key.rpartition(":")[2] if ":alias/" in key else key
    try:
        return str(keys.describe_key(name).arn)
    except Exception:
        return None


def encrypt(backend: EC2Backend, snapshot: Snapshot, encrypted: bool, key: str | None) -> None:
    """Page "CopySnapshot": without a key the region's default; a key that cannot be used makes the copy fail later."""
    if key is not None and not encrypted:
        raise EC2ClientError("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
    snapshot.encrypted = encrypted
    snapshot.kms_key_id = None
    if not encrypted:
        return
    arn = default_key(backend) if key is None else key_arn(backend, key)
    snapshot.kms_key_id = arn or key
    if arn is None:
        begun: Progress = snapshot.course_progress  # type: ignore[attr-defined]
        snapshot.course_progress = Progress(Course(begun.course.pending_ms, "error"), begun.began_at_ms)  # type: ignore[attr-defined]


@contextlib.contextmanager
def lent(backend: EC2Backend, snapshot: Snapshot) -> Iterator[None]:
    """Moto copies only what is among the account's own snapshots."""
    own = snapshot.id in backend.snapshots
    backend.snapshots[snapshot.id] = snapshot
    try:
        yield
    finally:
        if not own:
            del backend.snapshots[snapshot.id]


def copy_readable(
    backend: EC2Backend, source: Snapshot, region: str, description: str | None, encrypted: bool, key: str | None
) -> Snapshot:
    """A copy of a snapshot that the account may read, encrypted where the source is or it is asked for."""
    if key is not None and source.encrypted:
        encrypted = True
    with lent(ec2_backends[backend.account_id][region], source):
        snapshot = backend.copy_snapshot(source.id, region, description or "", None)
    encrypt(backend, snapshot, encrypted or source.encrypted or backend.ebs_encryption_by_default, key)
    return snapshot


def _copy_snapshot(response: EC2Response) -> ActionResult:
    backend: EC2Backend = response.ec2_backend
    region = response._get_param("SourceRegion")
    source = readable_snapshot(backend.account_id, region, response._get_param("SourceSnapshotId"))
    if source.status != "completed":
        raise EC2ClientError("IncorrectState", f"The snapshot '{source.id}' is not in the state completed.")
    if source.storage_tier == "archive":
        raise EC2ClientError("InvalidParameterValue", f"The snapshot '{source.id}' is archived.")
    snapshot = copy_readable(
        backend,
        source,
        region,
        response._get_param("Description"),
        response._get_bool_param("Encrypted", False),
        response._get_param("KmsKeyId"),
    )
    snapshot.add_tags(response._parse_tag_specification().get("snapshot", {}))
    return ActionResult({"SnapshotId": snapshot.id, "Tags": snapshot.tag_set})


def _refuse_default_key(backend: EC2Backend, snapshot_id: str) -> None:
    """Page "Share an Amazon EBS snapshot": not where it is encrypted under the default AWS-managed key."""
    snapshot = backend.get_snapshot(snapshot_id)
    if snapshot.encrypted and snapshot.kms_key_id in (None, managed_key(backend)):
        raise EC2ClientError("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")


def install(_: Emulator) -> None:
    """After snapshot_states, which gives every snapshot its course."""
    create, permit = EC2Backend.create_snapshot, EC2Backend.add_create_volume_permission

    def create_snapshot(backend: EC2Backend, volume_id: str, *args: Any, **kwargs: Any) -> Snapshot:
        """Page "CreateSnapshot": under the volume's key."""
        snapshot = create(backend, volume_id, *args, **kwargs)
        snapshot.kms_key_id = backend.volumes[volume_id].kms_key_id
        return snapshot

    def add_create_volume_permission(backend: EC2Backend, snapshot_id: str, user_ids: list[str], groups: list[str]) -> None:
        _refuse_default_key(backend, snapshot_id)
        permit(backend, snapshot_id, user_ids, groups)

    EC2Backend.create_snapshot = create_snapshot  # type: ignore[method-assign]
    EC2Backend.add_create_volume_permission = add_create_volume_permission  # type: ignore[method-assign]
    EC2Response.copy_snapshot = _copy_snapshot  # type: ignore[method-assign]
