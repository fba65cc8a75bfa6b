"""Snapshots on their way to the archive tier, and back for some days. Pages "ModifySnapshotTier", "RestoreSnapshotTier",
"DescribeSnapshotTierStatus", "Archive Amazon EBS snapshots", "Archive an Amazon EBS snapshot", "Restore an archived Amazon EBS snapshot"."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError, InvalidParameterValueError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import Snapshot

from .clock import Clock
from .emulator import Emulator
from .images import snapshots_of

#: Page "Archive Amazon EBS snapshots", "Quotas": in-progress snapshot archives per account (and region)
MOST_ARCHIVING = 25

#: The states of a tiering operation while it goes on, and after it.
ARCHIVING, ARCHIVED = "archival-in-progress", "archival-completed"
RESTORED = "temporary-restore-completed"


class SnapshotArchive:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.pending_ms = 0.0

    def reset(self) -> None:
        self.pending_ms = 0.0

    def set(self, payload: dict[str, float]) -> None:
        """For snapshots that are archived from now on."""
        self.pending_ms = payload["pendingMs"]

    def archive(self, backend: EC2Backend, snapshot_id: str, storage_tier: str) -> Snapshot:
        snapshot = backend.get_snapshot(snapshot_id)
        if storage_tier != "archive":
            raise InvalidParameterValueError(storage_tier)
        self._check(backend, snapshot)
        snapshot.last_tiering_start_time = utcnow()
        snapshot.__dict__["archived_at_ms"] = self._clock.now_ms() + self.pending_ms
        return snapshot

    def restore(self, backend: EC2Backend, snapshot_id: str) -> Snapshot:
        """For some days it can be used as before. At once, where AWS takes up to 72 hours. Guess: it is told of as in the standard tier meanwhile."""
        snapshot = backend.get_snapshot(snapshot_id)
        if self.status(snapshot) != ARCHIVED:
            raise EC2ClientError("IncorrectState", f"The snapshot {snapshot.id} is not archived.")
        snapshot.__dict__["is_restored"] = True
        snapshot.restore_start_time = utcnow()
        return snapshot

    def tier(self, snapshot: Snapshot) -> str:
        """Until the operation has ended the snapshot can be used as before."""
        return "archive" if self.status(snapshot) == ARCHIVED else "standard"

    def status(self, snapshot: Snapshot) -> str | None:
        archived_at_ms = snapshot.__dict__.get("archived_at_ms")
        if archived_at_ms is None:
            return None
        if "is_restored" in snapshot.__dict__:
            return RESTORED
        return ARCHIVED if self._clock.now_ms() >= archived_at_ms else ARCHIVING

    def shared_with(self, snapshot: Snapshot) -> set[str]:
        """Page "Archive an Amazon EBS snapshot": "snapshot sharing" is "automatically disabled after the snapshot is archived"."""
        accounts: set[str] = snapshot.__dict__.setdefault("accounts_shared_with", set())
        if self.status(snapshot) == ARCHIVED and "sharing_was_disabled" not in snapshot.__dict__:
            snapshot.__dict__["sharing_was_disabled"] = True
            accounts.clear()
        return accounts

    def progress(self, snapshot: Snapshot) -> int | None:
        status = self.status(snapshot)
        return None if status is None else 0 if status == ARCHIVING else 100

    def _check(self, backend: EC2Backend, snapshot: Snapshot) -> None:
        """The pages name these rules, and no codes."""
        if snapshot.status != "completed" or self.status(snapshot) is not None:
            raise EC2ClientError("IncorrectState", f"The snapshot {snapshot.id} is not completed, or is archived.")
        images = [image.id for image in backend.amis.values() if image.state != "disabled" and snapshot in snapshots_of(image)]
        if images:
            raise EC2ClientError("InvalidSnapshot.InUse", f"The snapshot '{snapshot.id}' is currently in use by {images[0]}")
        archiving = sum(self.status(each) == ARCHIVING for each in backend.snapshots.values())
        if archiving >= MOST_ARCHIVING:
            raise EC2ClientError("ResourceLimitExceeded", f"Too many snapshot archives in progress. The limit is {MOST_ARCHIVING}.")


def install(emulator: Emulator) -> None:
    archive = SnapshotArchive(emulator.clock)

    def ignore(_: Snapshot, __: Any) -> None:
        """What moto's constructor sets."""

    def modify_snapshot_tier(backend: EC2Backend, snapshot_id: str, storage_tier: str) -> Snapshot:
        return archive.archive(backend, snapshot_id, storage_tier)

    def restore_snapshot_tier(backend: EC2Backend, snapshot_id: str, **_: Any) -> Snapshot:
        return archive.restore(backend, snapshot_id)

    Snapshot.storage_tier = property(archive.tier, ignore)  # type: ignore[assignment]
    Snapshot.create_volume_permission_userids = property(archive.shared_with, ignore)  # type: ignore[assignment]
    Snapshot.last_tiering_operation_status = property(archive.status, ignore)  # type: ignore[assignment]
    Snapshot.last_tiering_progress = property(archive.progress, ignore)  # type: ignore[assignment]
    EC2Backend.modify_snapshot_tier = modify_snapshot_tier  # type: ignore[method-assign]
    EC2Backend.restore_snapshot_tier = restore_snapshot_tier  # type: ignore[method-assign]
    emulator.on_reset(archive.reset)
    emulator.route("PUT", "snapshots/archiving", archive.set)
