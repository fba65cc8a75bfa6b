"""Deleted snapshots and deregistered images that can be brought back for a while. Pages "ListSnapshotsInRecycleBin",
"RestoreSnapshotFromRecycleBin", "ListImagesInRecycleBin", "RestoreImageFromRecycleBin", "Recover deleted Amazon EBS snapshots and EBS-backed
AMIs with Recycle Bin". What is in it is in no other list, and counts for no quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response

from .clock import Clock
from .emulator import Emulator


@dataclass(frozen=True)
class Binned:
    resource: Any
    tags: dict[str, str]
    entered_ms: float
    exits_ms: float


class RecycleBin:
    """Retention rules are the Recycle Bin's own service; a test sets how long each kind is kept, in all accounts and regions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        self._kept_ms: dict[str, float] = {}
        self._binned: dict[tuple[str, str, str], dict[str, Binned]] = {}

    def set(self, payload: dict[str, float]) -> None:
        self._kept_ms = {"snapshot": payload.get("snapshotsMs", 0.0), "image": payload.get("imagesMs", 0.0)}

    def put(self, kind: str, backend: EC2Backend, resource: Any, tags: dict[str, str]) -> None:
        kept_ms = self._kept_ms.get(kind, 0.0)
        if kept_ms > 0:
            now = self._clock.now_ms()
            self._of(kind, backend)[resource.id] = Binned(resource, tags, now, now + kept_ms)

    def held(self, kind: str, backend: EC2Backend, ids: list[str]) -> list[Binned]:
        now = self._clock.now_ms()
        binned = self._of(kind, backend)
        for identifier, each in list(binned.items()):
            if now >= each.exits_ms:
                del binned[identifier]
        return [each for identifier, each in binned.items() if not ids or identifier in ids]

    def take(self, kind: str, backend: EC2Backend, identifier: str, code: str) -> Binned:
        if not self.held(kind, backend, [identifier]):
            raise EC2ClientError(code, f"The {kind} '{identifier}' does not exist in the Recycle Bin.")
        return self._of(kind, backend).pop(identifier)

    def _of(self, kind: str, backend: EC2Backend) -> dict[str, Binned]:
        return self._binned.setdefault((kind, backend.account_id, backend.region_name), {})


def _time(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).replace(tzinfo=None)


def _listed(binned: Binned, **more: Any) -> dict[str, Any]:
    times = {"RecycleBinEnterTime": _time(binned.entered_ms), "RecycleBinExitTime": _time(binned.exits_ms)}
    return times | {"Description": binned.resource.description} | more


def install(emulator: Emulator) -> None:
    recycle_bin = RecycleBin(emulator.clock)
    delete_snapshot, deregister_image = EC2Backend.delete_snapshot, EC2Backend.deregister_image

    def bin_snapshot(backend: EC2Backend, snapshot_id: str) -> Any:
        tags = dict(backend.tags.get(snapshot_id) or {})
        snapshot = delete_snapshot(backend, snapshot_id)
        recycle_bin.put("snapshot", backend, snapshot, tags)
        return snapshot

    def bin_image(backend: EC2Backend, ami_id: str) -> None:
        image = backend.amis.get(ami_id)
        tags = dict(backend.tags.get(ami_id) or {})
        deregister_image(backend, ami_id)
        if image is not None:
            recycle_bin.put("image", backend, image, tags)

    def list_snapshots(response: EC2Response) -> ActionResult:
        found = recycle_bin.held("snapshot", response.ec2_backend, response._get_param("SnapshotIds", []))
        return ActionResult(
            {"Snapshots": [_listed(each, SnapshotId=each.resource.id, VolumeId=each.resource.volume_id) for each in found]}
        )

    def list_images(response: EC2Response) -> ActionResult:
        found = recycle_bin.held("image", response.ec2_backend, response._get_param("ImageIds", []))
        return ActionResult({"Images": [_listed(each, ImageId=each.resource.id, Name=each.resource.name) for each in found]})

    def restore_snapshot(response: EC2Response) -> ActionResult:
        backend: EC2Backend = response.ec2_backend
        binned = recycle_bin.take("snapshot", backend, response._get_param("SnapshotId"), "InvalidSnapshot.NotFound")
        snapshot = binned.resource
        backend.snapshots[snapshot.id] = snapshot
        backend.tags[snapshot.id].update(binned.tags)
        return ActionResult(
            {
                "SnapshotId": snapshot.id,
                "Description": snapshot.description,
                "Encrypted": snapshot.encrypted,
                "OwnerId": snapshot.owner_id,
                "Progress": snapshot.progress,
                "StartTime": snapshot.start_time,
                "State": snapshot.status,
                "VolumeId": snapshot.volume_id,
                "VolumeSize": snapshot.volume_size,
            }
        )

    def restore_image(response: EC2Response) -> ActionResult:
        backend: EC2Backend = response.ec2_backend
        binned = recycle_bin.take("image", backend, response._get_param("ImageId"), "InvalidAMIID.NotFound")
        image = binned.resource
        backend.amis[image.id] = image
        backend.deleted_amis.remove(image.id)
        backend.tags[image.id].update(binned.tags)
        return ActionResult({"Return": True})

    EC2Backend.delete_snapshot = bin_snapshot  # type: ignore[method-assign]
    EC2Backend.deregister_image = bin_image  # type: ignore[method-assign]
    EC2Response.list_snapshots_in_recycle_bin = list_snapshots  # type: ignore[attr-defined]
    EC2Response.list_images_in_recycle_bin = list_images  # type: ignore[attr-defined]
    EC2Response.restore_snapshot_from_recycle_bin = restore_snapshot  # type: ignore[attr-defined]
    EC2Response.restore_image_from_recycle_bin = restore_image  # type: ignore[attr-defined]
    emulator.on_reset(recycle_bin.reset)
    emulator.route("PUT", "recycle-bin", recycle_bin.set)
