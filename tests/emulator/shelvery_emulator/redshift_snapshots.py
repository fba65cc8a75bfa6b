"""Redshift's snapshots: made, copied from automated ones, listed, shared and deleted. Pages "CreateClusterSnapshot",
"CopyClusterSnapshot", "DescribeClusterSnapshots", "DescribeClusters", "DeleteClusterSnapshot", "BatchDeleteClusterSnapshots",
"AuthorizeSnapshotAccess", "RevokeSnapshotAccess", "CreateTags"."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.redshift.exceptions import RedshiftClientError
from moto.redshift.models import Cluster, RedshiftBackend, Snapshot, redshift_backends
from moto.redshift.responses import RedshiftResponse

from .database_courses import DatabaseCourses
from .database_lives import DatabaseLives, told
from .database_pages import page_by_marker
from .database_tags import check_number_of_tags, read_tags

#: Page "Quotas and limits in Amazon Redshift"
MOST_ACCOUNTS = 20

#: Page "BatchDeleteClusterSnapshots" (BatchDeleteRequestSizeExceeded)
MOST_DELETED = 100


class RedshiftSnapshots:
    def __init__(self, courses: DatabaseCourses, lives: DatabaseLives) -> None:
        self._courses = courses
        self._lives = lives
        #: of manual ones in a region; 700 on AWS unless raised
        self.quota: int | None = None

    def reset(self) -> None:
        self.quota = None

    def create(self, response: RedshiftResponse) -> ActionResult:
        backend, params = response.redshift_backend, response.params
        name, cluster_name = params["SnapshotIdentifier"], params["ClusterIdentifier"]
        tags = read_tags(params.get("Tags"))
        cluster = backend.clusters.get(cluster_name)
        if cluster is None:
            raise RedshiftClientError("ClusterNotFoundFault", f"Cluster {cluster_name} not found.")
        if cluster.status != "available":
            raise RedshiftClientError("InvalidClusterStateFault", f"Cluster {cluster_name} is {cluster.status}.")
        self._check_free(backend, name)
        snapshot = self.add(backend, cluster, name, "manual", tags, params.get("ManualSnapshotRetentionPeriod", -1))
        return ActionResult({"Snapshot": self._courses.begun(snapshot)})

    def copy(self, response: RedshiftResponse) -> ActionResult:
        """Only automated snapshots that are available; the copy is manual and has no tags."""
        backend, params = response.redshift_backend, response.params
        source = _find(backend, params["SourceSnapshotIdentifier"], params.get("SourceSnapshotClusterIdentifier"))
        if source.snapshot_type != "automated" or source.status != "available":
            raise RedshiftClientError(
                "InvalidClusterSnapshotStateFault", f"{source.snapshot_identifier} is {source.snapshot_type} and {source.status}."
            )
        name = params["TargetSnapshotIdentifier"]
        self._check_free(backend, name)
        snapshot = self.add(backend, source, name, "manual", [], params.get("ManualSnapshotRetentionPeriod", -1))
        # Page "Snapshot", SnapshotCreateTime: the time that its data is of.
        snapshot.create_time = source.create_time
        snapshot.encrypted, snapshot.kms_key_id = source.encrypted, source.kms_key_id
        self._courses.begin(snapshot, source.snapshot_identifier, "creating")
        return ActionResult({"Snapshot": self._courses.begun(snapshot)})

    def add(
        self, backend: RedshiftBackend, of: Any, name: str, snapshot_type: str, tags: list[dict[str, str]], retention: int = -1
    ) -> Any:
        """A snapshot of a cluster, or with the data of a snapshot."""
        snapshot: Any = Snapshot(of, name, backend.account_id, backend.region_name, tags, snapshot_type=snapshot_type)
        snapshot.create_time = self._courses.now()
        # The cluster's, also where it is made of a snapshot: what a cluster's own ARN is to it, no snapshot says (page "Snapshot").
        snapshot.cluster_create_time = of.cluster_create_time
        snapshot.owner_account = backend.account_id
        snapshot.kms_key_id = getattr(of, "kms_key_id", None)
        snapshot.manual_snapshot_retention_period = retention if snapshot_type == "manual" else None
        snapshot.accounts = []
        snapshot.source_region = None
        self._courses.begin(snapshot, of.cluster_identifier, "creating")
        backend.snapshots[name] = snapshot
        return snapshot

    def make_cluster(self, backend: RedshiftBackend, cluster_kwargs: dict[str, Any]) -> Cluster:
        """Without the automated snapshot that moto makes: the control API makes those."""
        name = cluster_kwargs["cluster_identifier"]
        if name in backend.clusters:
            raise RedshiftClientError("ClusterAlreadyExistsFault", "Cluster already exists")
        cluster: Any = Cluster(backend, **cluster_kwargs)
        # Page "Cluster", ClusterNamespaceArn: a cluster that is made again under the name of another has its own.
        place = f"{backend.region_name}:{backend.account_id}"
        cluster.cluster_namespace_arn = f"arn:{backend.partition}:redshift:{place}:namespace:{uuid.uuid4()}"
        self._lives.begin(cluster)
        backend.clusters[name] = cluster
        return cluster

    def delete(self, response: RedshiftResponse) -> ActionResult:
        return ActionResult({"Snapshot": told(self._deleted(response.redshift_backend, response.params), "deleted")})

    def delete_together(self, response: RedshiftResponse) -> ActionResult:
        """Each by itself, as far as it goes. The codes of the failures are a guess: those that DeleteClusterSnapshot has."""
        identifiers = response.params["Identifiers"]
        if len(identifiers) > MOST_DELETED:
            raise RedshiftClientError("BatchDeleteRequestSizeExceeded", f"More than {MOST_DELETED} snapshots.")
        deleted: list[str] = []
        errors: list[dict[str, str]] = []
        for identifier in identifiers:
            try:
                deleted.append(self._deleted(response.redshift_backend, identifier).snapshot_identifier)
            except RedshiftClientError as error:
                errors.append({**identifier, "FailureCode": error.code, "FailureReason": error.message})
        return ActionResult({"Resources": deleted, "Errors": errors})

    def _deleted(self, backend: RedshiftBackend, named: Any) -> Any:
        snapshot = _find(backend, named["SnapshotIdentifier"], named.get("SnapshotClusterIdentifier"))
        deletable = snapshot.snapshot_type == "manual" and snapshot.status in ("available", "failed", "cancelled")
        if not deletable or snapshot.accounts:
            raise RedshiftClientError(
                "InvalidClusterSnapshotStateFault",
                f"{snapshot.snapshot_identifier} is {snapshot.snapshot_type} and {snapshot.status}, "
                f"and {len(snapshot.accounts)} other accounts are authorized to access it.",
            )
        del backend.snapshots[snapshot.snapshot_identifier]
        return snapshot

    def authorize(self, response: RedshiftResponse) -> ActionResult:
        snapshot = _changed(response)
        account = response.params["AccountWithRestoreAccess"]
        if snapshot.snapshot_type != "manual" or snapshot.status != "available":
            raise RedshiftClientError(
                "InvalidClusterSnapshotStateFault", f"{snapshot.snapshot_identifier} is {snapshot.snapshot_type} and {snapshot.status}."
            )
        if account in snapshot.accounts:
            raise RedshiftClientError("AuthorizationAlreadyExistsFault", f"{account} is already authorized.")
        if len(snapshot.accounts) >= MOST_ACCOUNTS:
            raise RedshiftClientError("AuthorizationQuotaExceededFault", f"A snapshot can be shared with {MOST_ACCOUNTS} accounts.")
        snapshot.accounts.append(account)
        return ActionResult({"Snapshot": snapshot})

    def revoke(self, response: RedshiftResponse) -> ActionResult:
        snapshot = _changed(response)
        account = response.params["AccountWithRestoreAccess"]
        if account not in snapshot.accounts:
            raise RedshiftClientError("AuthorizationNotFoundFault", f"{account} is not authorized.")
        snapshot.accounts.remove(account)
        return ActionResult({"Snapshot": snapshot})

    def _check_free(self, backend: RedshiftBackend, name: str) -> None:
        if name.lower() in backend.snapshots:
            raise RedshiftClientError("ClusterSnapshotAlreadyExistsFault", f"A snapshot with the identifier {name} already exists")
        if self.quota is not None and sum(each.snapshot_type == "manual" for each in backend.snapshots.values()) >= self.quota:
            raise RedshiftClientError("ClusterSnapshotQuotaExceededFault", f"More than {self.quota} cluster snapshots")


def describe_snapshots(response: RedshiftResponse) -> ActionResult:
    """Own ones; another account's by OwnerAccount, as far as it shares them."""
    backend, params = response.redshift_backend, response.params
    owner = params.get("OwnerAccount") or backend.account_id
    held: list[Any] = list(redshift_backends[owner][backend.region_name].snapshots.values())
    found = held if owner == backend.account_id else [each for each in held if backend.account_id in each.accounts]
    for name, attribute in (("SnapshotType", "snapshot_type"), ("ClusterIdentifier", "cluster_identifier")):
        wanted = params.get(name)
        found = [each for each in found if wanted is None or getattr(each, attribute) == wanted]
    found = [each for each in found if _has_tags(each.tags, params)]
    identifier = params.get("SnapshotIdentifier")
    if identifier is not None:
        found = [each for each in found if each.snapshot_identifier == identifier]
        if not found:
            raise RedshiftClientError("ClusterSnapshotNotFoundFault", f"Snapshot {identifier} not found.")
    return ActionResult({"Snapshots": found})


def describe_clusters(response: RedshiftResponse) -> ActionResult:
    backend, params = response.redshift_backend, response.params
    clusters = backend.describe_clusters(params.get("ClusterIdentifier"))
    return ActionResult({"Clusters": [each for each in clusters if _has_tags(each.tags, params)]})


def create_tags(response: RedshiftResponse) -> EmptyResult:
    backend, params = response.redshift_backend, response.params
    added = read_tags(params.get("Tags"))
    resource = backend._get_resource_from_arn(params["ResourceName"])
    if resource.arn != params["ResourceName"]:
        raise RedshiftClientError("ResourceNotFoundFault", f"{params['ResourceName']} not found.")
    check_number_of_tags(RedshiftClientError, resource.tags, added, "TagLimitExceededFault")
    resource.create_tags(added)
    return EmptyResult()


def _has_tags(tags: list[dict[str, str]], params: Any) -> bool:
    """Keys alone, values alone, or any combination of the keys and the values."""
    keys, values = params.get("TagKeys"), params.get("TagValues")
    if not keys and not values:
        return True
    return any((not keys or tag["Key"] in keys) and (not values or tag["Value"] in values) for tag in tags)


def _find(backend: RedshiftBackend, name: str, cluster: str | None = None) -> Any:
    snapshot = backend.snapshots.get(name)
    if snapshot is None or cluster not in (None, snapshot.cluster_identifier):
        raise RedshiftClientError("ClusterSnapshotNotFoundFault", f"Snapshot {name} not found.")
    return snapshot


def _changed(response: RedshiftResponse) -> Any:
    """The snapshot that a call changes; of the cluster that it names, if it names one."""
    return _find(response.redshift_backend, response.params["SnapshotIdentifier"], response.params.get("SnapshotClusterIdentifier"))


def patch(snapshots: RedshiftSnapshots, courses: DatabaseCourses) -> None:
    """Before paging is installed, which wraps what is registered here."""

    def ignore(_: Any, __: Any) -> None:
        """Moto sets what the course decides."""

    def accounts(snapshot: Any) -> list[dict[str, str]] | None:
        return [{"AccountId": account} for account in snapshot.accounts] or None

    def create_cluster(backend: RedshiftBackend, **cluster_kwargs: Any) -> Cluster:
        return snapshots.make_cluster(backend, cluster_kwargs)

    Snapshot.status = property(courses.status, ignore)  # type: ignore[assignment]
    Snapshot.accounts_with_restore_access = property(accounts)  # type: ignore[attr-defined]
    RedshiftBackend.create_cluster = create_cluster  # type: ignore[method-assign]
    RedshiftResponse.create_cluster_snapshot = lambda response: snapshots.create(response)  # type: ignore[method-assign]
    RedshiftResponse.copy_cluster_snapshot = lambda response: snapshots.copy(response)  # type: ignore[attr-defined]
    RedshiftResponse.delete_cluster_snapshot = lambda response: snapshots.delete(response)  # type: ignore[method-assign]
    RedshiftResponse.batch_delete_cluster_snapshots = lambda response: snapshots.delete_together(response)  # type: ignore[attr-defined]
    RedshiftResponse.authorize_snapshot_access = lambda response: snapshots.authorize(response)  # type: ignore[attr-defined]
    RedshiftResponse.revoke_snapshot_access = lambda response: snapshots.revoke(response)  # type: ignore[attr-defined]
    RedshiftResponse.describe_cluster_snapshots = describe_snapshots  # type: ignore[method-assign]
    RedshiftResponse.describe_clusters = describe_clusters  # type: ignore[method-assign]
    RedshiftResponse.create_tags = create_tags  # type: ignore[method-assign]
    page_by_marker(RedshiftResponse, RedshiftClientError, {"describe_clusters": "Clusters", "describe_cluster_snapshots": "Snapshots"})
