"""Snapshots of several volumes of an instance by one call. Pages "CreateSnapshots", "InstanceSpecification", "SnapshotInfo",
"Create Amazon EBS snapshots"."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses import EC2Response

from .emulator import Emulator
from .snapshot_states import Course, Progress

#: Page "InstanceSpecification", ExcludeDataVolumeIds.
MOST_EXCLUDED = 40


def attached_volumes(instance: Any) -> dict[str, str]:
    """The ids of an instance's volumes, by device."""
    return {device: mapping.volume_id for device, mapping in instance.get_block_device_mapping}


def chosen_volumes(instance: Any, exclude_root: bool, excluded: list[str]) -> list[str]:
    """The volumes that a call makes snapshots of. That a call fails which excludes the root volume by its id, and which excludes
    more than 40, is of the pages; guess: by which code, and that so does one that excludes what is not attached, or all."""
    attached = attached_volumes(instance)
    root = attached.get(instance.root_device_name)
    if len(excluded) > MOST_EXCLUDED:
        raise EC2ClientError("InvalidParameterValue", f"You can specify up to {MOST_EXCLUDED} volume IDs to exclude.")
    if root in excluded:
        raise EC2ClientError("InvalidParameterValue", f"The volume '{root}' is the root volume. Use ExcludeBootVolume.")
    for volume_id in excluded:
        if volume_id not in attached.values():
            raise EC2ClientError("InvalidParameterValue", f"The volume '{volume_id}' is not attached to '{instance.id}'.")
    chosen = [each for each in attached.values() if each not in excluded and not (exclude_root and each == root)]
    if not chosen:
        raise EC2ClientError("InvalidParameterValue", f"No volume of '{instance.id}' is left.")
    return chosen


def fail_together(snapshots: list[Snapshot]) -> None:
    """Page "Create Amazon EBS snapshots": if one of a set fails, all others have the state error, too."""
    begun: list[Progress] = [snapshot.course_progress for snapshot in snapshots]  # type: ignore[attr-defined]
    if all(progress.course.outcome == "completed" for progress in begun):
        return
    for snapshot, progress in zip(snapshots, begun, strict=True):
        snapshot.course_progress = Progress(Course(progress.course.pending_ms, "error"), progress.began_at_ms)  # type: ignore[attr-defined]


def _create_snapshots(response: EC2Response) -> ActionResult:
    backend = response.ec2_backend
    specification = response._get_param("InstanceSpecification", {})
    description = response._get_param("Description", "")
    tags = response._parse_tag_specification().get("snapshot", {})
    response.error_on_dryrun()
    instance = backend.get_instance(specification["InstanceId"])
    # Guess: the page says nothing of instances that are on their way out.
    if instance.state in ("shutting-down", "terminated"):
        raise EC2ClientError("IncorrectState", f"The instance '{instance.id}' is {instance.state}.")
    exclude_root = str(specification.get("ExcludeBootVolume", "false")).lower() == "true"
    volumes = chosen_volumes(instance, exclude_root, specification.get("ExcludeDataVolumeIds", []))
    made = [backend.create_snapshot(volume_id, description=description) for volume_id in volumes]
    for snapshot in made:
        snapshot.add_tags(tags)
    fail_together(made)
    return ActionResult({"Snapshots": [_answered(snapshot) for snapshot in made]})


def _answered(snapshot: Any) -> dict[str, Any]:
    """Page "SnapshotInfo": it has no key, and its state is that of the making, as CreateSnapshot answers it."""
    return {
        "Description": snapshot.description or "",
        "Tags": snapshot.tag_set,
        "Encrypted": snapshot.encrypted,
        "VolumeId": snapshot.volume_id,
        "State": "pending",
        "VolumeSize": snapshot.volume_size,
        "StartTime": snapshot.start_time,
        "Progress": "",
        "OwnerId": snapshot.owner_id,
        "SnapshotId": snapshot.id,
    }


def install(_: Emulator) -> None:
    """After snapshot_states and ebs_sharing, which give every snapshot its course and its key."""
    EC2Response.create_snapshots = _create_snapshots  # type: ignore[method-assign]
