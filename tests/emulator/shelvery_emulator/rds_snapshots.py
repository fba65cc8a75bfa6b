"""DB snapshots and DB cluster snapshots, of RDS and of DocumentDB: made, copied, listed, shared and deleted by one set of
rules. Pages of the API references: "CreateDBSnapshot", "CopyDBSnapshot", "DeleteDBSnapshot", "ModifyDBSnapshotAttribute", and
those of the same names with "DBClusterSnapshot"; user guides: "Copying a DB snapshot for Amazon RDS", "Sharing a DB snapshot for
Amazon RDS", "Limitations of Multi-AZ DB clusters for Amazon RDS", "Copying Amazon DocumentDB cluster snapshots"."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBClusterSnapshot, DBSnapshot, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse
from moto.rds.utils import split_arn

from .behaviours import Behaviours
from .database_courses import DatabaseCourses
from .database_lives import told
from .database_tags import read_tags
from .presigned_urls import check_presigned_url
from .storage_encryption import inherit

#: Page "Sharing a DB snapshot for Amazon RDS"
MOST_ACCOUNTS = 20
DEFAULT_KEY = "alias/aws/rds"


@dataclass(frozen=True)
class Kind:
    """What sets the two kinds of snapshots apart."""

    noun: str
    source_parameter: str
    model: Any
    snapshots: Callable[[RDSBackend], MutableMapping[str, Any]]
    sources: Callable[[RDSBackend], MutableMapping[str, Any]]
    #: states in which a snapshot may be made
    ready: tuple[str, ...]
    exists: str
    not_found: str
    invalid_state: str
    source_not_found: str
    source_invalid_state: str
    #: copies from other regions that may run at a time (pages "Copying a DB snapshot", "Copying a DB cluster snapshot")
    copies_at_once: int

    @property
    def identifier(self) -> str:
        return f"{self.noun}Identifier"


INSTANCE_SNAPSHOT = Kind(
    noun="DBSnapshot",
    source_parameter="DBInstanceIdentifier",
    model=DBSnapshot,
    snapshots=lambda backend: backend.database_snapshots,
    sources=lambda backend: backend.databases,
    ready=("available", "stopped", "storage-optimization"),
    exists="DBSnapshotAlreadyExistsFault",
    not_found="DBSnapshotNotFoundFault",
    invalid_state="InvalidDBSnapshotStateFault",
    source_not_found="DBInstanceNotFoundFault",
    source_invalid_state="InvalidDBInstanceStateFault",
    copies_at_once=20,
)
CLUSTER_SNAPSHOT = Kind(
    noun="DBClusterSnapshot",
    source_parameter="DBClusterIdentifier",
    model=DBClusterSnapshot,
    snapshots=lambda backend: backend.cluster_snapshots,
    sources=lambda backend: backend.clusters,
    ready=("available",),
    exists="DBClusterSnapshotAlreadyExistsFault",
    not_found="DBClusterSnapshotNotFoundFault",
    invalid_state="InvalidDBClusterSnapshotStateFault",
    source_not_found="DBClusterNotFoundFault",
    source_invalid_state="InvalidDBClusterStateFault",
    copies_at_once=5,
)
KINDS = (INSTANCE_SNAPSHOT, CLUSTER_SNAPSHOT)


@dataclass
class Quotas:
    #: of a region; 100 on AWS unless raised
    manual_snapshots: int | None = None


class RdsSnapshots:
    def __init__(self, courses: DatabaseCourses, behaviours: Behaviours) -> None:
        self._courses = courses
        self._behaviours = behaviours
        self.quotas = Quotas()

    def reset(self) -> None:
        self.quotas = Quotas()

    def create(self, kind: Kind, backend: RDSBackend, params: Any) -> Any:
        name, source_name = params[kind.identifier], params[kind.source_parameter]
        source = kind.sources(backend).get(source_name)
        if source is None:
            raise RDSClientError(kind.source_not_found, f"{kind.source_parameter} {source_name} not found.")
        tags = read_tags(params.get("Tags"))
        self._check_free(kind, backend, name)
        if source.status not in kind.ready:
            raise RDSClientError(kind.source_invalid_state, f"{source_name} is in the state {source.status}.")
        return self._courses.begun(self.add(kind, backend, source, name, "manual", tags))

    def add(self, kind: Kind, backend: RDSBackend, source: Any, name: str, snapshot_type: str, tags: list[dict[str, str]]) -> Any:
        snapshot = self._make(kind, backend, source, name, snapshot_type, tags, _key_of(backend, source))
        self._courses.begin(snapshot, kind_name(source), "creating")
        return snapshot

    def copy(self, kind: Kind, backend: RDSBackend, params: Any) -> Any:
        target = params[f"Target{kind.identifier}"]
        source = self._readable(kind, backend, params[f"Source{kind.identifier}"])
        tags = read_tags(params.get("Tags"))
        if params.get("CopyTags") and not tags:
            tags = [dict(tag) for tag in source.tags]
        self._check_free(kind, backend, target)
        if source.status != "available":
            raise RDSClientError(kind.invalid_state, f"{source.arn} is in the state {source.status}.")
        away = source.region != backend.region_name
        self._check_copyable(kind, backend, source, away, params)
        key = self._copy_key(kind, backend, source, away, params.get("KmsKeyId"))
        if away:
            self._check_copies_at_once(kind, backend)
        of = source.database if kind is INSTANCE_SNAPSHOT else source.cluster
        snapshot = self._make(kind, backend, of, target, "manual", tags, key)
        self._remember_source(kind, snapshot, source, away or source.account_id != backend.account_id, params)
        self._courses.begin(snapshot, source.resource_id, "copying" if away else "creating")
        return self._courses.begun(snapshot)

    def delete(self, kind: Kind, backend: RDSBackend, params: Any) -> Any:
        snapshot = self._own(kind, backend, params[kind.identifier])
        # Pages "DeleteDBSnapshot", "DeleteDBClusterSnapshot": "must be in the available state to be deleted".
        deletable = ("available",) if self._behaviours["failedDatabaseSnapshotsStay"] else ("available", "failed")
        if snapshot.snapshot_type != "manual" or snapshot.status not in deletable:
            raise RDSClientError(kind.invalid_state, f"{snapshot.arn} is {snapshot.snapshot_type} and {snapshot.status}.")
        del kind.snapshots(backend)[snapshot.resource_id]
        return told(snapshot, "deleted")

    def share(self, kind: Kind, backend: RDSBackend, params: Any) -> dict[str, list[str]]:
        snapshot = self._own(kind, backend, params[kind.identifier])
        if snapshot.snapshot_type != "manual" or snapshot.status != "available":
            raise RDSClientError(kind.invalid_state, f"{snapshot.arn} is {snapshot.snapshot_type} and {snapshot.status}.")
        if params["AttributeName"] != "restore":
            raise RDSClientError("InvalidParameterValue", f"Invalid snapshot attribute {params['AttributeName']}")
        added, removed = params.get("ValuesToAdd") or [], params.get("ValuesToRemove") or []
        if added and _is_encrypted(snapshot) and ("all" in added or snapshot.kms_key_id == _default_key(backend)):
            # The page "Sharing a DB snapshot" forbids both and names no code.
            raise RDSClientError(
                "InvalidParameterCombination", "Snapshots under the default key, and encrypted ones with all, cannot be shared."
            )
        accounts = [each for each in dict.fromkeys([*snapshot.attributes["restore"], *added]) if each not in removed]
        if len(accounts) > MOST_ACCOUNTS:
            raise RDSClientError("SharedSnapshotQuotaExceededFault", f"A snapshot can be shared with {MOST_ACCOUNTS} accounts.")
        snapshot.attributes["restore"] = accounts
        return snapshot.attributes

    def _make(
        self, kind: Kind, backend: RDSBackend, source: Any, name: str, snapshot_type: str, tags: list[dict[str, str]], key: str | None
    ) -> Any:
        snapshot = kind.model(backend, source, name, snapshot_type, tags)
        snapshot.tags = tags
        inherit(snapshot, source)
        snapshot.created = self._courses.now()
        snapshot.encrypted = snapshot.storage_encrypted = key is not None
        snapshot.kms_key_id = key
        if kind is INSTANCE_SNAPSHOT:
            snapshot.original_snapshot_create_time = None
            snapshot.option_group_name = source.option_group_name
            # The instance that a copy is made of is what says how the copy is encrypted.
            snapshot.database.storage_encrypted, snapshot.database.kms_key_id = key is not None, key
        else:
            snapshot.cluster_create_time = source.cluster_create_time
            # Page "DBClusterSnapshot" (RDS). Guess: told of DocumentDB's, too, whose own page has no such member.
            snapshot.db_cluster_resource_id = source.db_cluster_resource_id
            snapshot.cluster.storage_encrypted, snapshot.cluster.kms_key_id = key is not None, key
        kind.snapshots(backend)[snapshot.resource_id] = snapshot
        return snapshot

    def _remember_source(self, kind: Kind, snapshot: Any, source: Any, foreign: bool, params: Any) -> None:
        if kind is CLUSTER_SNAPSHOT:
            snapshot.source_db_cluster_snapshot_arn = source.arn
            # AWS CLI reference, "copy-db-cluster-snapshot": the copy in its example has the time of the snapshot that was copied.
            snapshot.created = source.created
        else:
            snapshot.original_snapshot_create_time = source.original_snapshot_create_time
            if foreign:
                snapshot.source_db_snapshot_identifier = source.arn
                if params.get("OptionGroupName"):
                    snapshot.option_group_name = params["OptionGroupName"]
                elif not params.get("CopyOptionGroup"):
                    # Page "Copying a DB snapshot": option groups belong to a region and an account.
                    snapshot.option_group_name = f"default:{source.engine}-{'-'.join(str(source.engine_version).split('.')[:2])}"
        snapshot.source_region = source.region

    def _check_free(self, kind: Kind, backend: RDSBackend, name: str) -> None:
        snapshots = kind.snapshots(backend)
        if name in snapshots:
            raise RDSClientError(kind.exists, f"Cannot create the snapshot because one with the identifier {name} already exists.")
        quota = self.quotas.manual_snapshots
        if quota is not None and sum(each.snapshot_type == "manual" for each in snapshots.values()) >= quota:
            raise RDSClientError("SnapshotQuotaExceededFault", f"Cannot create more than {quota} manual snapshots")

    def _check_copies_at_once(self, kind: Kind, backend: RDSBackend) -> None:
        """The code is that of the full quota; the message alone differs."""
        running = sum(each.status == "copying" for each in kind.snapshots(backend).values())
        if running >= kind.copies_at_once:
            raise RDSClientError("SnapshotQuotaExceededFault", f"Cannot copy more than {kind.copies_at_once} snapshots across regions")

    def _check_copyable(self, kind: Kind, backend: RDSBackend, source: Any, away: bool, params: Any) -> None:
        if kind is CLUSTER_SNAPSHOT and source.engine in ("mysql", "postgres"):
            raise RDSClientError("InvalidParameterValue", "Copying a snapshot of a Multi-AZ DB cluster is not supported.")
        if source.engine == "docdb" and away and source.account_id != backend.account_id:
            raise RDSClientError("InvalidParameterCombination", "A shared snapshot can only be copied within its region.")
        if kind is INSTANCE_SNAPSHOT:
            self._check_options(backend, source, away, params)
        if away:
            action, identifier = f"Copy{kind.noun}", f"Source{kind.identifier}"
            check_presigned_url(source, backend.account_id, backend.region_name, action, identifier, params)

    def _check_options(self, backend: RDSBackend, source: Any, away: bool, params: Any) -> None:
        """Pages "CopyDBSnapshot" (of RDS Custom nothing; OptionGroupName), "Copying an Amazon RDS Custom for SQL Server DB snapshot" (to
        another region only, without a group). Guess: the codes."""
        named, group = params.get("OptionGroupName"), bool(params.get("OptionGroupName") or params.get("CopyOptionGroup"))
        if source.engine.startswith("custom-"):
            copied = source.engine.startswith("custom-sqlserver-") and away and source.account_id == backend.account_id
            if not copied or group:
                raise RDSClientError("InvalidParameterCombination", "This operation is not supported for RDS Custom.")
        if named is not None and named not in backend.option_groups:
            raise RDSClientError("OptionGroupNotFoundFault", f"Specified OptionGroupName: {named} not found.")
        if away and named is None and _has_tde(source):
            raise RDSClientError("InvalidParameterCombination", "Option groups with TDE must be named for copies to another region.")

    def _copy_key(self, kind: Kind, backend: RDSBackend, source: Any, away: bool, key: str | None) -> str | None:
        if not _is_encrypted(source):
            # Guess: also where AWS owns the key, of which StorageEncrypted says nothing.
            if key is not None and kind is CLUSTER_SNAPSHOT:
                raise RDSClientError("InvalidParameterCombination", "KmsKeyId cannot be specified for an unencrypted cluster snapshot.")
            return backend._validate_kms_key(key) if key is not None else None
        if key is None and away:
            raise RDSClientError("InvalidParameterValue", "Must specify new KMS key for cross region encrypted snapshot copy.")
        if key is None and source.account_id != backend.account_id:
            raise RDSClientError(
                "KMSKeyNotAccessibleFault",
                "The target KMS key [None] does not exist, is not enabled or you do not have permissions to access it.",
            )
        return backend._validate_kms_key(key) if key is not None else source.kms_key_id

    def _own(self, kind: Kind, backend: RDSBackend, name: str) -> Any:
        snapshot = kind.snapshots(backend).get(name)
        if snapshot is None:
            raise RDSClientError(kind.not_found, f"{kind.noun} not found: {name}")
        return snapshot

    def _readable(self, kind: Kind, backend: RDSBackend, identifier: str) -> Any:
        """An own snapshot by its name, or one by its ARN: of another region, or of an account that shares it."""
        if not identifier.startswith("arn:"):
            return self._own(kind, backend, identifier)
        region, account, _, name = split_arn(identifier)
        snapshot = self._own(kind, rds_backends[account][region], name)
        if account != backend.account_id and not {backend.account_id, "all"} & set(snapshot.attributes["restore"]):
            raise RDSClientError(kind.not_found, f"{kind.noun} not found: {identifier}")
        return snapshot


def kind_name(source: Any) -> str:
    """The name of a database or a cluster."""
    return str(source.resource_id)


def _is_encrypted(snapshot: Any) -> bool:
    return bool(snapshot.storage_encrypted)


def _has_tde(snapshot: Any) -> bool:
    """Pages "Oracle Transparent Data Encryption", "Support for Transparent Data Encryption in SQL Server": the names of the options."""
    group = rds_backends[snapshot.account_id][snapshot.region].option_groups.get(snapshot.option_group_name)
    options = () if group is None else group.options
    return any((option if isinstance(option, str) else option.get("OptionName")) in ("TDE", "TRANSPARENT_DATA_ENCRYPTION") for option in options)


def _default_key(backend: RDSBackend) -> str:
    """The AWS-managed key of the region."""
    return str(backend.kms.describe_key(DEFAULT_KEY).arn)


def _key_of(backend: RDSBackend, source: Any) -> str | None:
    if not source.storage_encrypted:
        return None
    key = source.kms_key_id
    return _default_key(backend) if key in (None, "default_kms_key_id") else backend._validate_kms_key(key)


def patch(snapshots: RdsSnapshots, courses: DatabaseCourses) -> None:
    for kind in KINDS:
        _patch_model(kind, courses)
        _patch_responses(kind, snapshots)


def _patch_model(kind: Kind, courses: DatabaseCourses) -> None:
    def ignore(_: Any, __: Any) -> None:
        """Moto sets what the course decides."""

    kind.model.status = property(courses.status, ignore)
    kind.model.percent_progress = property(courses.percent, ignore)
    if kind is INSTANCE_SNAPSHOT:
        _patch_times(courses)


def _patch_times(courses: DatabaseCourses) -> None:
    """AWS CLI reference, "create-db-snapshot", "copy-db-snapshot": no time of one that is not made yet. Page "DBSnapshot": copies keep
    the original time. Guess: a copy tells it from the first answer on, and a new one when it is made."""

    def made_at(snapshot: Any) -> datetime | None:
        return snapshot.created if courses.is_made(snapshot) else None

    def original(snapshot: Any) -> datetime | None:
        return snapshot.__dict__.get("original_time") or made_at(snapshot)

    def set_original(snapshot: Any, time: datetime | None) -> None:
        snapshot.__dict__["original_time"] = time

    DBSnapshot.snapshot_create_time = property(made_at)  # type: ignore[assignment]
    DBSnapshot.original_snapshot_create_time = property(original, set_original)  # type: ignore[assignment]


def _patch_responses(kind: Kind, snapshots: RdsSnapshots) -> None:
    snake = "db_snapshot" if kind is INSTANCE_SNAPSHOT else "db_cluster_snapshot"

    def answer(work: Callable[[Kind, RDSBackend, Any], Any]) -> Callable[[RDSResponse], ActionResult]:
        return lambda response: ActionResult({kind.noun: work(kind, response.backend, response.params)})

    def share(response: RDSResponse) -> ActionResult:
        attributes = snapshots.share(kind, response.backend, response.params)
        listed = [{"AttributeName": name, "AttributeValues": values} for name, values in attributes.items()]
        name = response.params[kind.identifier]
        return ActionResult({f"{kind.noun}AttributesResult": {kind.identifier: name, f"{kind.noun}Attributes": listed}})

    setattr(RDSResponse, f"create_{snake}", answer(snapshots.create))
    setattr(RDSResponse, f"copy_{snake}", answer(snapshots.copy))
    setattr(RDSResponse, f"delete_{snake}", answer(snapshots.delete))
    setattr(RDSResponse, f"modify_{snake}_attribute", share)
