"""Snapshots that others share, in lists. Pages "DescribeSnapshots", "ModifySnapshotAttribute", "Share an Amazon EBS snapshot"."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses import EC2Response

from .emulator import Emulator

EVERYBODY = "all"


def _is_shared_with(snapshot: Snapshot, account: str) -> bool:
    """Sharing ends when a snapshot has been archived (page "Archive an Amazon EBS snapshot")."""
    shared = account in snapshot.create_volume_permission_userids or EVERYBODY in snapshot.create_volume_permission_groups
    return shared and snapshot.storage_tier != "archive"


def _shared_with(backend: EC2Backend) -> dict[str, Snapshot]:
    """What other accounts share with this one in its region. Their tags stay theirs (page "Tag your Amazon EC2 resources")."""
    found: dict[str, Snapshot] = {}
    for account, region, other in ec2_backends.iter_backends():
        if region != backend.region_name or account == backend.account_id:
            continue
        for snapshot in other.snapshots.values():
            if _is_shared_with(snapshot, backend.account_id):
                seen = copy.copy(snapshot)
                seen.ec2_backend = backend
                found[seen.id] = seen
    return found


def _can_restore(snapshot: Snapshot, wanted: str, account: str) -> bool:
    """Page "DescribeSnapshots", RestorableBy: `self` is what one owns or is named for, `all` what is public."""
    if wanted == EVERYBODY:
        return EVERYBODY in snapshot.create_volume_permission_groups
    if wanted == "self":
        return account == snapshot.owner_id or account in snapshot.create_volume_permission_userids
    return wanted in snapshot.create_volume_permission_userids


def _check_permission(snapshot: Snapshot, user_ids: Sequence[str], groups: Sequence[str]) -> None:
    """The pages forbid these and name no codes."""
    if snapshot.encrypted and groups:
        raise EC2ClientError("OperationNotPermitted", "Encrypted snapshots cannot be made public")
    if snapshot.storage_tier == "archive":
        raise EC2ClientError("InvalidParameterValue", f"The snapshot '{snapshot.id}' is archived.")
    wrong = next((each for each in user_ids if len(each) != 12 or not each.isdigit()), None)
    if wrong is not None:
        raise EC2ClientError("InvalidParameterValue", f"Value ({wrong}) for parameter userId is invalid.")


def install(_: Emulator) -> None:
    """After ebs_lists, whose lists it widens, and before paging."""
    describe, respond = EC2Backend.describe_snapshots, EC2Response.describe_snapshots
    permit = EC2Backend.add_create_volume_permission

    def describe_snapshots(
        backend: EC2Backend, snapshot_ids: list[str] | None = None, filters: Mapping[str, Sequence[str]] | None = None
    ) -> list[Snapshot]:
        own, shared = backend.snapshots, _shared_with(backend)
        if not shared:
            return describe(backend, snapshot_ids, filters)
        backend.snapshots = own | shared
        try:
            return describe(backend, snapshot_ids, filters)
        finally:
            backend.snapshots = own

    def describe_restorable(response: EC2Response) -> ActionResult:
        wanted = response._get_param("RestorableByUserIds", [])
        result: Any = respond(response).result
        if not wanted:
            return ActionResult(result)
        account = response.current_account
        keeps: Callable[[Snapshot], bool] = lambda snapshot: any(_can_restore(snapshot, each, account) for each in wanted)
        return ActionResult(result | {"Snapshots": list(filter(keeps, result["Snapshots"]))})

    def add_create_volume_permission(backend: EC2Backend, snapshot_id: str, user_ids: list[str], groups: list[str]) -> None:
        _check_permission(backend.get_snapshot(snapshot_id), user_ids, groups)
        permit(backend, snapshot_id, user_ids, groups)

    EC2Backend.describe_snapshots = describe_snapshots  # type: ignore[method-assign, assignment]
    EC2Response.describe_snapshots = describe_restorable  # type: ignore[method-assign]
    EC2Backend.add_create_volume_permission = add_create_volume_permission  # type: ignore[method-assign]
