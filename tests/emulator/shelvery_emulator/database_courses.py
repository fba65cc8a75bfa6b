"""How database snapshots come about: creating or copying for a while, then available or failed. Pages "DBSnapshot",
"DBClusterSnapshot" (RDS, DocumentDB) and "Snapshot" (Redshift); AWS CLI reference, the examples of the calls that make and delete them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .behaviours import Behaviours
from .clock import Clock
from .control import ControlError
from .database_lives import told

OUTCOMES = ("available", "failed")


@dataclass(frozen=True)
class Course:
    pending_ms: float = 0
    outcome: str = "available"

    @staticmethod
    def read(payload: dict[str, Any], otherwise: Course) -> Course:
        course = Course(payload.get("pendingMs", otherwise.pending_ms), payload.get("outcome", otherwise.outcome))
        if course.outcome not in OUTCOMES:
            raise ControlError(f"outcome must be one of {', '.join(OUTCOMES)}")
        return course


@dataclass
class Progress:
    """Where one snapshot stands. Kept on moto's snapshot as `course_progress`."""

    course: Course
    began_at_ms: float
    #: `creating` or `copying`
    meanwhile: str


class DatabaseCourses:
    def __init__(self, clock: Clock, behaviours: Behaviours) -> None:
        self._clock = clock
        self._behaviours = behaviours
        self.reset()

    def reset(self) -> None:
        self._all = Course()
        self._of_source: dict[str, Course] = {}

    def set(self, payload: dict[str, Any]) -> None:
        """For snapshots that are begun from now on."""
        self._all = Course.read(payload, Course())
        self._of_source = {name: Course.read(each, self._all) for name, each in payload.get("perSource", {}).items()}

    def begin(self, snapshot: Any, source: str, meanwhile: str) -> None:
        """`source` is the name of the database or cluster, or of the snapshot that is copied."""
        course = self._of_source.get(source, self._all)
        snapshot.course_progress = Progress(course, self._clock.now_ms(), meanwhile)

    def fix(self, snapshot: Any, state: str) -> None:
        """Sets a state that stays."""
        pending = state not in OUTCOMES
        course = Course(float("inf"), "available") if pending else Course(0, state)
        snapshot.course_progress = Progress(course, 0.0, state)

    def begun(self, snapshot: Any) -> Any:
        """What the call answers that made it: whatever comes of it, it is being made."""
        if not self._behaviours["creatingAtFirst"]:
            return snapshot
        progress: Progress = snapshot.course_progress
        return told(snapshot, progress.meanwhile)

    def status(self, snapshot: Any) -> str:
        said: str | None = snapshot.__dict__.get("told_status")
        if said is not None:
            return said
        progress: Progress | None = getattr(snapshot, "course_progress", None)
        if progress is None:
            return "available"
        ended = self._clock.now_ms() >= progress.began_at_ms + progress.course.pending_ms
        return progress.course.outcome if ended else progress.meanwhile

    def percent(self, snapshot: Any) -> int:
        return 100 if self.status(snapshot) == "available" else 0

    def is_made(self, snapshot: Any) -> bool:
        return self.status(snapshot) not in ("creating", "copying")

    def now(self) -> datetime:
        return self._clock.moto_time()
