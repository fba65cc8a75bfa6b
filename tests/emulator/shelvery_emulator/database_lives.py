"""Databases and clusters that are `creating` at first and `deleting` at last. Pages "CreateDBInstance", "DeleteDBInstance",
"DBInstance", "CreateDBCluster", "DeleteDBCluster" (RDS, DocumentDB), "CreateCluster", "DeleteCluster", "Cluster" (Redshift), and
"Viewing Amazon RDS DB instance status"; what answers leave out meanwhile is seen in the AWS CLI reference's examples of these."""

from __future__ import annotations

import copy
from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBInstance, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse
from moto.redshift.exceptions import RedshiftClientError
from moto.redshift.models import Cluster, RedshiftBackend, redshift_backends
from moto.redshift.responses import RedshiftResponse

from .behaviours import Behaviours
from .call import Answer, Call
from .chain import PassingInterceptor
from .clock import Clock
from .emulator import Emulator


def told(resource: Any, status: str) -> Any:
    """The resource as a call's answer has it, in a state that it is said to have."""
    seen = copy.copy(resource)
    seen.__dict__["told_status"] = status
    return seen


class DatabaseLives:
    def __init__(self, clock: Clock, behaviours: Behaviours) -> None:
        self._clock = clock
        self._behaviours = behaviours
        self.reset()

    def reset(self) -> None:
        self._creating_ms = 0.0
        self._deleting_ms = 0.0

    def set(self, payload: dict[str, float]) -> None:
        """For databases that are made, and deleted, from now on."""
        self._creating_ms = payload.get("creatingMs", 0.0)
        self._deleting_ms = payload.get("deletingMs", 0.0)

    def now(self) -> datetime:
        return self._clock.moto_time()

    def begin(self, database: Any) -> None:
        database.__dict__["creating_until_ms"] = self._clock.now_ms() + self._creating_ms

    def begun(self, database: Any) -> Any:
        """What the call answers that made it."""
        return told(database, "creating") if self._behaviours["creatingAtFirst"] else database

    def settle(self, database: Any) -> None:
        """It is there."""
        database.__dict__.pop("creating_until_ms", None)

    def end(self, database: Any, name: str, held: MutableMapping[str, Any]) -> Any:
        """What the call answers that deletes it; it stays in its backend's table for a while."""
        if self._deleting_ms > 0:
            database.__dict__["gone_at_ms"] = self._clock.now_ms() + self._deleting_ms
            held[name] = database
        return told(database, "deleting")

    def status(self, database: Any) -> str:
        state = database.__dict__
        if "told_status" in state:
            return str(state["told_status"])
        if "gone_at_ms" in state:
            return "deleting"
        if self._clock.now_ms() < state.get("creating_until_ms", 0.0):
            return "creating"
        return str(state.get("set_status", "available"))

    def drop_gone(self) -> None:
        now = self._clock.now_ms()
        for _, _, rds in rds_backends.iter_backends():
            _drop(rds.databases, now)
            _drop(rds.clusters, now)
        for _, _, redshift in redshift_backends.iter_backends():
            _drop(redshift.clusters, now)


def _drop(held: MutableMapping[str, Any], now_ms: float) -> None:
    for name, database in list(held.items()):
        if now_ms >= database.__dict__.get("gone_at_ms", float("inf")):
            del held[name]


def is_deleting(database: Any) -> bool:
    return database is not None and "gone_at_ms" in database.__dict__


def _set_status(database: Any, status: str) -> None:
    database.__dict__["set_status"] = status


def _patch_deletion(
    lives: DatabaseLives,
    backends: type[Any],
    method: str,
    parameter: str,
    held: Callable[[Any], MutableMapping[str, Any]],
    error: type[ServiceException],
    code: str,
) -> None:
    delete = getattr(backends, method)

    def delete_database(backend: Any, **kwargs: Any) -> Any:
        name = kwargs[parameter]
        if is_deleting(held(backend).get(name)):
            raise error(code, f"{name} is already being deleted.")
        return lives.end(delete(backend, **kwargs), name, held(backend))

    setattr(backends, method, delete_database)


def _patch_creation(lives: DatabaseLives, responses: type[Any], method: str, member: str) -> None:
    create = getattr(responses, method)

    def create_database(response: Any) -> Any:
        answer = create(response)
        answer.result[member] = lives.begun(answer.result[member])
        return answer

    setattr(responses, method, create_database)


class GoneDatabases(PassingInterceptor):
    """What has been deleted for long enough is gone before the next call."""

    def __init__(self, emulator: Emulator, lives: DatabaseLives) -> None:
        self._emulator = emulator
        self._lives = lives

    def before(self, call: Call) -> Answer | None:
        if call.service in ("rds", "redshift"):
            with self._emulator.moto_lock:
                self._lives.drop_gone()
        return None


def patch(lives: DatabaseLives) -> None:
    """After rds_databases and redshift_snapshots, whose databases it lets begin and end."""

    def instance_create_time(database: DBInstance) -> datetime | None:
        return None if database.status == "creating" else database.created

    def redshift_create_time(cluster: Any) -> datetime | None:
        return None if cluster.status == "creating" else cluster.create_time

    def ignore(_: Any, __: Any) -> None:
        """What moto's constructor sets."""

    for model in (DBInstance, DBCluster, Cluster):
        model.status = property(lives.status, _set_status)  # type: ignore[assignment]
    DBInstance.instance_create_time = property(instance_create_time, ignore)  # type: ignore[assignment]
    # Under a name of its own: as `create_time`, snapshots take it over.
    Cluster.cluster_create_time = property(redshift_create_time)  # type: ignore[attr-defined]
    _patch_creation(lives, RDSResponse, "create_db_instance", "DBInstance")
    _patch_creation(lives, RDSResponse, "create_db_cluster", "DBCluster")
    _patch_creation(lives, RedshiftResponse, "create_cluster", "Cluster")
    _patch_deletion(
        lives,
        RDSBackend,
        "delete_db_instance",
        "db_instance_identifier",
        lambda backend: backend.databases,
        RDSClientError,
        "InvalidDBInstanceStateFault",
    )
    _patch_deletion(
        lives,
        RDSBackend,
        "delete_db_cluster",
        "cluster_identifier",
        lambda backend: backend.clusters,
        RDSClientError,
        "InvalidDBClusterStateFault",
    )
    _patch_deletion(
        lives,
        RedshiftBackend,
        "delete_cluster",
        "cluster_identifier",
        lambda backend: backend.clusters,
        RedshiftClientError,
        "InvalidClusterStateFault",
    )
