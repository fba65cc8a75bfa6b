"""Snapshots that are pending for a while and then completed or failed. Pages "Snapshot", "CreateSnapshot", "CopySnapshot"; where answers
of real accounts say otherwise than the page, the answers are followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses import EC2Response

from .clock import Clock
from .control import ControlError
from .emulator import Emulator

#: Page "CopySnapshot": a copy's volume id is arbitrary and of no use.
ARBITRARY_VOLUME_ID = "vol-ffffffff"

STATES = ("pending", "completed", "error", "recoverable", "recovering")


@dataclass(frozen=True)
class Course:
    """How snapshots come about: how long they are pending, and what follows."""

    pending_ms: float = 0
    outcome: str = "completed"

    @staticmethod
    def read(payload: dict[str, Any], otherwise: Course) -> Course:
        course = Course(payload.get("pendingMs", otherwise.pending_ms), payload.get("outcome", otherwise.outcome))
        if course.outcome not in ("completed", "error"):
            raise ControlError("outcome must be completed or error")
        return course


@dataclass
class Progress:
    """Where one snapshot stands. Kept on moto's snapshot as `course_progress`."""

    course: Course
    began_at_ms: float

    def state(self, now_ms: float) -> str:
        return "pending" if now_ms < self.began_at_ms + self.course.pending_ms else self.course.outcome

    def percent(self, now_ms: float) -> str:
        if self.state(now_ms) == "completed":
            return "100%"
        # An endless course never gets anywhere.
        share = (now_ms - self.began_at_ms) / self.course.pending_ms if self.course.pending_ms > 0 else 1.0
        return f"{min(99, max(0, int(share * 100)))}%"


class SnapshotStates:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        self._all = Course()
        self._of_volume: dict[str, Course] = {}
        self._of_source_snapshot: dict[str, Course] = {}

    def set(self, payload: dict[str, Any]) -> None:
        """For snapshots that are begun from now on."""
        self._all = Course.read(payload, Course())
        self._of_volume = self._read_each(payload.get("perVolume", {}))
        self._of_source_snapshot = self._read_each(payload.get("perSourceSnapshot", {}))

    def begin_snapshot(self, snapshot: Snapshot, volume_id: str) -> None:
        self._begin(snapshot, self._of_volume.get(volume_id, self._all))

    def begin_copy(self, snapshot: Snapshot, source_snapshot_id: str) -> None:
        self._begin(snapshot, self._of_source_snapshot.get(source_snapshot_id, self._all))

    def state(self, snapshot: Snapshot) -> str:
        progress = self._progress(snapshot)
        return progress.state(self._clock.now_ms()) if progress is not None else "completed"

    def percent(self, snapshot: Snapshot) -> str:
        progress = self._progress(snapshot)
        return progress.percent(self._clock.now_ms()) if progress is not None else "100%"

    def message(self, snapshot: Snapshot) -> str | None:
        """Page "Snapshot": a message only where the creation or copy failed."""
        return "The snapshot could not be made." if self.state(snapshot) == "error" else None

    def transfer_type(self, snapshot: Snapshot) -> str | None:
        """Page "Snapshot" tells it of copies only; since 2026 real accounts answer it for every finished snapshot.
        Guess: copies have it while they are pending, too."""
        if getattr(snapshot, "is_copy", False):
            return "standard"
        return "standard" if self.state(snapshot) == "completed" else None

    def _begin(self, snapshot: Snapshot, course: Course) -> None:
        snapshot.course_progress = Progress(course, self._clock.now_ms())  # type: ignore[attr-defined]

    def _read_each(self, payload: dict[str, dict[str, Any]]) -> dict[str, Course]:
        return {identifier: Course.read(each, self._all) for identifier, each in payload.items()}

    @staticmethod
    def _progress(snapshot: Snapshot) -> Progress | None:
        return getattr(snapshot, "course_progress", None)


def fix_state(snapshot: Snapshot, state: str) -> None:
    """Sets a state that stays."""
    if state not in STATES:
        raise ControlError(f"state must be one of {', '.join(STATES)}")
    endless = float("inf") if state == "pending" else 0.0
    snapshot.course_progress = Progress(Course(endless, state), 0.0)  # type: ignore[attr-defined]


def find_snapshot(backends: Any, snapshot_id: str) -> Snapshot:
    """In whatever account and region it is."""
    for _, _, backend in backends.iter_backends():
        if snapshot_id in backend.snapshots:
            return backend.snapshots[snapshot_id]
    raise ControlError(f"no snapshot {snapshot_id}")


def read_time(text: str) -> datetime:
    """As moto keeps times: UTC, without saying so."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).replace(tzinfo=None)


def install(emulator: Emulator) -> None:
    states = SnapshotStates(emulator.clock)
    _patch_snapshots(states)
    _patch_backend(states)
    _patch_responses()
    emulator.on_reset(states.reset)
    emulator.route("PUT", "snapshots/states", states.set)
    emulator.route("PUT", "snapshots/one", _changer(emulator))


def _changer(emulator: Emulator) -> Callable[[dict[str, Any]], None]:
    def change(payload: dict[str, Any]) -> None:
        from moto.ec2.models import ec2_backends

        with emulator.moto_lock:
            snapshot = find_snapshot(ec2_backends, payload["snapshotId"])
            if "state" in payload:
                fix_state(snapshot, payload["state"])
            if "startTime" in payload:
                snapshot.start_time = read_time(payload["startTime"])

    return change


def _patch_snapshots(states: SnapshotStates) -> None:
    """Moto's snapshots are completed from the start, and keep the state as a plain attribute."""

    def ignore(_: Snapshot, __: str) -> None:
        """What moto's constructor sets."""

    def volume_id(snapshot: Snapshot) -> str:
        return ARBITRARY_VOLUME_ID if getattr(snapshot, "is_copy", False) else snapshot.volume.id

    Snapshot.status = property(states.state, ignore)  # type: ignore[assignment]
    Snapshot.progress = property(states.percent)  # type: ignore[assignment]
    Snapshot.state_message = property(states.message)  # type: ignore[attr-defined]
    Snapshot.transfer_type = property(states.transfer_type)  # type: ignore[attr-defined]
    Snapshot.volume_id = property(volume_id)  # type: ignore[assignment]


def _patch_backend(states: SnapshotStates) -> None:
    create, copy = EC2Backend.create_snapshot, EC2Backend.copy_snapshot

    def create_snapshot(backend: EC2Backend, volume_id: str, *args: Any, **kwargs: Any) -> Snapshot:
        snapshot = create(backend, volume_id, *args, **kwargs)
        states.begin_snapshot(snapshot, volume_id)
        return snapshot

    def copy_snapshot(backend: EC2Backend, source_snapshot_id: str, *args: Any, **kwargs: Any) -> Snapshot:
        snapshot = copy(backend, source_snapshot_id, *args, **kwargs)
        snapshot.is_copy = True  # type: ignore[attr-defined]
        states.begin_copy(snapshot, source_snapshot_id)
        return snapshot

    EC2Backend.create_snapshot = create_snapshot  # type: ignore[method-assign]
    EC2Backend.copy_snapshot = copy_snapshot  # type: ignore[method-assign]


def _patch_responses() -> None:
    create = EC2Response.create_snapshot

    def create_snapshot(response: EC2Response) -> ActionResult:
        """Page "CreateSnapshot": whatever comes of it, the answer says pending."""
        made: Any = create(response).result
        return ActionResult(
            {
                "SnapshotId": made.id,
                "VolumeId": made.volume_id,
                "VolumeSize": made.volume_size,
                "State": "pending",
                "Progress": "",
                "StartTime": made.start_time,
                "OwnerId": made.owner_id,
                "Description": made.description or "",
                "Encrypted": made.encrypted,
                "KmsKeyId": made.kms_key_id,
                "Tags": made.tag_set,
            }
        )

    EC2Response.create_snapshot = create_snapshot  # type: ignore[method-assign]
