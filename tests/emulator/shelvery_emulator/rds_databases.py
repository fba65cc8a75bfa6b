"""Databases and clusters as moto does not know them: the engine docdb, RDS Custom, ids that are never used again, no automated snapshot that nobody
asked for, and tags that are counted. Pages "CreateDBCluster" (Amazon DocumentDB), "DBInstance", "AddTagsToResource"."""

from __future__ import annotations

import random
import string
from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBInstance, RDSBackend
from moto.rds.utils import ClusterEngine, DbInstanceEngine

from .database_lives import DatabaseLives
from .database_tags import check_number_of_tags, read_tags

_DOCDB = "docdb"


def _unique_id() -> str:
    """Page "DBInstance", DbiResourceId: immutable; a database that is made again under the name of another has its own."""
    return "db-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=26))


def _know_docdb() -> None:
    cluster_engines, instance_engines = ClusterEngine.list_cluster_engines, DbInstanceEngine.valid_db_instance_engine
    ClusterEngine.list_cluster_engines = lambda: sorted([*cluster_engines(), _DOCDB])  # type: ignore[method-assign]
    DbInstanceEngine.valid_db_instance_engine = lambda: sorted([*instance_engines(), _DOCDB])  # type: ignore[method-assign]
    _default(DBCluster, "default_engine_version", "5.0.0")
    for model in (DBCluster, DBInstance):
        _default(model, "default_port", 27017)
        _default(model, "default_allocated_storage", 1)


def _default(model: type, name: str, of_docdb: object) -> None:
    """Lets one of moto's tables of defaults, which are static methods, know of DocumentDB, and take RDS Custom for what runs in it."""
    of_others = getattr(model, name)

    def default(engine: str, *args: Any, **kwargs: Any) -> Any:
        standard = engine.removeprefix("custom-").removesuffix("-cdb")
        return of_docdb if engine == _DOCDB else of_others(standard, *args, **kwargs)

    setattr(model, name, staticmethod(default))


def _add_tags(backend: RDSBackend, arn: str, tags: Any) -> list[dict[str, str]]:
    added = read_tags(tags)
    resource = backend._get_resource_for_tagging(arn)
    if resource is None:
        kind = "DBClusterSnapshotNotFoundFault" if ":cluster-snapshot:" in arn else "DBSnapshotNotFoundFault"
        raise RDSClientError(kind, f"{arn} not found.")
    check_number_of_tags(RDSClientError, resource.tags, added)
    return list(resource.add_tags(added))


def _patch_creation(lives: DatabaseLives) -> None:
    create, create_replica, create_cluster = (
        RDSBackend.create_db_instance,
        RDSBackend.create_db_instance_read_replica,
        RDSBackend.create_db_cluster,
    )

    def create_db_instance(backend: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        database = create(backend, db_kwargs)
        database.dbi_resource_id = _unique_id()
        lives.begin(database)
        return database

    def create_db_instance_read_replica(backend: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        """Moto's replica is a copy of the original, its id and age with it."""
        replica = create_replica(backend, db_kwargs)
        replica.dbi_resource_id = _unique_id()
        replica.created = lives.now()
        lives.begin(replica)
        return replica

    def create_db_cluster(backend: RDSBackend, kwargs: dict[str, Any]) -> DBCluster:
        """Moto puts a new cluster in the place of one of the same name."""
        name = kwargs["db_cluster_identifier"]
        if name in backend.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster already exists: {name}")
        cluster = create_cluster(backend, kwargs)
        lives.begin(cluster)
        return cluster

    RDSBackend.create_db_instance = create_db_instance  # type: ignore[method-assign]
    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica  # type: ignore[method-assign]
    RDSBackend.create_db_cluster = create_db_cluster  # type: ignore[method-assign]


def patch(lives: DatabaseLives) -> None:
    _know_docdb()
    _patch_creation(lives)

    def make_no_snapshot(_: Any) -> None:
        """Automated snapshots are made by the control API, so that tests say which there are."""

    DBInstance.save_automated_backup = make_no_snapshot  # type: ignore[method-assign]
    DBCluster.save_automated_backup = make_no_snapshot  # type: ignore[method-assign]
    RDSBackend.add_tags_to_resource = _add_tags  # type: ignore[method-assign]
