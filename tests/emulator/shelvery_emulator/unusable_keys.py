"""KMS keys that cannot be used, by nobody: as targets of copies, and as what their sources are encrypted with. Pages "Key states of
AWS KMS keys", "CopySnapshot", "CopyDBSnapshot"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from moto.kms.models import Key, KmsBackend
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend, rds_backends
from moto.rds.responses import RDSResponse
from moto.rds.utils import split_arn

from .emulator import Emulator
from .snapshot_states import Course, Progress


class UnusableKeys:
    def __init__(self) -> None:
        self._arns: frozenset[str] = frozenset()

    def __contains__(self, arn: object) -> bool:
        return arn in self._arns

    def set(self, payload: dict[str, list[str]]) -> None:
        self._arns = frozenset(payload["arns"])

    def reset(self) -> None:
        self._arns = frozenset()


def _patch_keys(keys: UnusableKeys) -> None:
    """The services take an unknown key and a disabled one alike: as one that is not accessible."""
    describe = KmsBackend.describe_key

    def describe_key(backend: KmsBackend, key_id: str) -> Key:
        key = describe(backend, key_id)
        if key.arn in keys:
            raise KeyError(key_id)
        return key

    KmsBackend.describe_key = describe_key  # type: ignore[method-assign]


def _patch_ebs_copies(keys: UnusableKeys) -> None:
    """EC2 looks at the source's key after it has answered."""
    copy = EC2Backend.copy_snapshot

    def copy_snapshot(backend: EC2Backend, source_snapshot_id: str, source_region: str, *args: Any, **kwargs: Any) -> Snapshot:
        snapshot = copy(backend, source_snapshot_id, source_region, *args, **kwargs)
        source = ec2_backends[backend.account_id][source_region].snapshots[source_snapshot_id]
        if source.kms_key_id in keys:
            begun: Progress = snapshot.course_progress  # type: ignore[attr-defined]
            snapshot.course_progress = Progress(Course(begun.course.pending_ms, "error"), begun.began_at_ms)  # type: ignore[attr-defined]
        return snapshot

    EC2Backend.copy_snapshot = copy_snapshot  # type: ignore[method-assign]


def _patch_database_copies(keys: UnusableKeys, noun: str, method: str, snapshots: str) -> None:
    """RDS looks at the source's key at once."""
    copy: Callable[[RDSResponse], ActionResult] = getattr(RDSResponse, method)

    def copy_snapshot(response: RDSResponse) -> ActionResult:
        source = _database_snapshot(response.backend, response.params[f"Source{noun}Identifier"], snapshots)
        key = source.kms_key_id if source is not None else None
        if key in keys:
            message = f"The source snapshot KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
            raise RDSClientError("KMSKeyNotAccessibleFault", message)
        return copy(response)

    setattr(RDSResponse, method, copy_snapshot)


def _database_snapshot(backend: RDSBackend, identifier: str, snapshots: str) -> Any:
    """By its name or its ARN; None if there is none."""
    if identifier.startswith("arn:"):
        region, account, _, identifier = split_arn(identifier)
        backend = rds_backends[account][region]
    return getattr(backend, snapshots).get(identifier)


def install(emulator: Emulator) -> None:
    """After ebs_sharing and databases, whose copies it lets fail."""
    keys = UnusableKeys()
    _patch_keys(keys)
    _patch_ebs_copies(keys)
    _patch_database_copies(keys, "DBSnapshot", "copy_db_snapshot", "database_snapshots")
    _patch_database_copies(keys, "DBClusterSnapshot", "copy_db_cluster_snapshot", "cluster_snapshots")
    emulator.on_reset(keys.reset)
    emulator.route("PUT", "keys/unusable", keys.set)
