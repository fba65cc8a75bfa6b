"""DescribeDBSnapshots and DescribeDBClusterSnapshots with the types, filters, owners and errors of the pages of these names, and the
pages of these and of DescribeDBInstances and DescribeDBClusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from .behaviours import Behaviours
from .database_pages import page_by_marker
from .rds_snapshots import CLUSTER_SNAPSHOT, INSTANCE_SNAPSHOT, Kind

Reader = Callable[[Any], Sequence[str]]


def _of_source(name: str, resource: str) -> Reader:
    """Names and ARNs both count."""

    def read(snapshot: Any) -> Sequence[str]:
        own = str(getattr(snapshot, name))
        return own, f"arn:{snapshot.partition}:rds:{snapshot.region}:{snapshot.account_id}:{resource}:{own}"

    return read


FILTERS: Mapping[str, Mapping[str, Reader]] = {
    INSTANCE_SNAPSHOT.noun: {
        "db-instance-id": _of_source("db_instance_identifier", "db"),
        "db-snapshot-id": lambda snapshot: [snapshot.resource_id],
        "dbi-resource-id": lambda snapshot: [snapshot.dbi_resource_id],
        "snapshot-type": lambda snapshot: [snapshot.snapshot_type],
        "engine": lambda snapshot: [snapshot.engine],
    },
    CLUSTER_SNAPSHOT.noun: {
        "db-cluster-id": _of_source("db_cluster_identifier", "cluster"),
        "db-cluster-snapshot-id": lambda snapshot: [snapshot.resource_id],
        "snapshot-type": lambda snapshot: [snapshot.snapshot_type],
        "engine": lambda snapshot: [snapshot.engine],
    },
}

#: the filter that names snapshots
_ID_FILTERS = {"DBSnapshot": "db-snapshot-id", "DBClusterSnapshot": "db-cluster-snapshot-id"}
TYPES = ("automated", "manual", "shared", "public", "awsbackup")


def describe(kind: Kind, backend: RDSBackend, params: Any, behaviours: Behaviours) -> list[Any]:
    snapshot_type = params.get("SnapshotType")
    if snapshot_type is not None and snapshot_type not in TYPES:
        raise RDSClientError("InvalidParameterValue", f"Invalid snapshot type: {snapshot_type}")
    found = _of_type(kind, backend, snapshot_type, bool(params.get("IncludeShared")))
    # Guess: what is gone is left out by a filter, unless the opposite is switched on. By an identifier the page has it as an error.
    for each in params.get("Filters") or []:
        found = _filtered(kind, found, each["Name"], each["Values"])
        if behaviours["filtersRefuseWhatIsGone"] and each["Name"] == _ID_FILTERS[kind.noun] and len(found) < len(each["Values"]):
            raise RDSClientError(kind.not_found, f"{kind.noun} not found.")
    source = params.get(kind.source_parameter)
    if source is not None:
        found = [each for each in found if getattr(each, _source_attribute(kind)).lower() == source.lower()]
    identifier = params.get(kind.identifier)
    if identifier is None:
        return found
    found = [each for each in found if identifier.lower() in (each.resource_id, each.arn.lower())]
    if not found:
        raise RDSClientError(kind.not_found, f"{kind.noun} {identifier} not found.")
    return found


def _of_type(kind: Kind, backend: RDSBackend, snapshot_type: str | None, include_shared: bool) -> list[Any]:
    """Without a type own snapshots of both kinds; others' only where they are asked for."""
    own = list(kind.snapshots(backend).values())
    if snapshot_type == "shared":
        return _shared(kind, backend)
    if snapshot_type is not None:
        return [each for each in own if each.snapshot_type == snapshot_type]
    return own + (_shared(kind, backend) if include_shared else [])


def _shared(kind: Kind, backend: RDSBackend) -> list[Any]:
    others = [
        other
        for account, region, other in rds_backends.iter_backends()
        if region == backend.region_name and account != backend.account_id
    ]
    return [each for other in others for each in kind.snapshots(other).values() if backend.account_id in each.attributes["restore"]]


def _filtered(kind: Kind, snapshots: list[Any], name: str, values: Sequence[str]) -> list[Any]:
    read = FILTERS[kind.noun].get(name)
    if read is None:
        raise RDSClientError("InvalidParameterValue", f"Unrecognized filter name: {name}")
    if not values:
        raise RDSClientError("InvalidParameterCombination", f"The list of values of the filter {name} must not be empty.")
    wanted = {value.lower() for value in values}
    return [each for each in snapshots if any(value.lower() in wanted for value in read(each))]


def _source_attribute(kind: Kind) -> str:
    return "db_instance_identifier" if kind is INSTANCE_SNAPSHOT else "db_cluster_identifier"


def patch(behaviours: Behaviours) -> None:
    """Before paging is installed, which wraps what is registered here."""

    def instance_snapshots(response: RDSResponse) -> ActionResult:
        return ActionResult({"DBSnapshots": describe(INSTANCE_SNAPSHOT, response.backend, response.params, behaviours)})

    def cluster_snapshots(response: RDSResponse) -> ActionResult:
        return ActionResult({"DBClusterSnapshots": describe(CLUSTER_SNAPSHOT, response.backend, response.params, behaviours)})

    RDSResponse.describe_db_snapshots = instance_snapshots  # type: ignore[method-assign]
    RDSResponse.describe_db_cluster_snapshots = cluster_snapshots  # type: ignore[method-assign]
    page_by_marker(
        RDSResponse,
        RDSClientError,
        {
            "describe_db_instances": "DBInstances",
            "describe_db_clusters": "DBClusters",
            "describe_db_snapshots": "DBSnapshots",
            "describe_db_cluster_snapshots": "DBClusterSnapshots",
        },
    )
