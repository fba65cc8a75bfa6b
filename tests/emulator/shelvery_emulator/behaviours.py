"""Behaviours of AWS that a test can switch on and off by name: those that much of what calls the emulator has to know of first."""

from __future__ import annotations

from collections.abc import Mapping

from .control import ControlError

#: The name of each, and whether it is on at first.
BEHAVIOURS: Mapping[str, bool] = {
    #: new databases and database snapshots are answered as `creating`, and without the time of their making (database_courses)
    "creatingAtFirst": True,
    #: new buckets are private, encrypted and without access control lists (new_buckets)
    "newBucketsClosed": True,
    #: the filters of one EC2 call have 200 values together, not each (ec2_filter_limits)
    "filterValuesOfAllFilters": True,
    #: a database snapshot that failed cannot be deleted (rds_snapshots)
    "failedDatabaseSnapshotsStay": True,
    #: a filter that names a database snapshot which is gone is answered as a description of it would be (rds_lists); a guess, as is its opposite
    "filtersRefuseWhatIsGone": False,
}


class Behaviours:
    def __init__(self) -> None:
        self._on = dict(BEHAVIOURS)

    def __getitem__(self, name: str) -> bool:
        return self._on[name]

    def set(self, payload: dict[str, bool]) -> None:
        """Those that are named; the others stay as they are."""
        unknown = payload.keys() - BEHAVIOURS.keys()
        if unknown:
            raise ControlError(f"no behaviours: {', '.join(sorted(unknown))}; there are {', '.join(BEHAVIOURS)}")
        self._on |= payload

    def reset(self) -> None:
        self._on = dict(BEHAVIOURS)
