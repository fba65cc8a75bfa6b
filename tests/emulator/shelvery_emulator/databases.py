"""Puts together what databases need, and their part of the control API: states, quotas, automated snapshots, seeds."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from moto.rds.models import RDSBackend, rds_backends
from moto.redshift.models import redshift_backends

from . import database_lives, rds_databases, rds_lists, rds_snapshots, redshift_snapshots, storage_encryption
from .chain import Stage
from .control import ControlError
from .database_courses import DatabaseCourses
from .database_lives import DatabaseLives, GoneDatabases
from .database_tags import read_tags
from .emulator import Emulator
from .rds_snapshots import CLUSTER_SNAPSHOT, INSTANCE_SNAPSHOT, Kind, RdsSnapshots
from .redshift_snapshots import RedshiftSnapshots
from .snapshot_states import read_time
from .storage_encryption import set_type

#: of the control API; DocumentDB's and Neptune's clusters are `rds-cluster`
SERVICES = ("rds", "rds-cluster", "redshift")


class Databases:
    def __init__(self, emulator: Emulator) -> None:
        self.courses = DatabaseCourses(emulator.clock, emulator.behaviours)
        self.lives = DatabaseLives(emulator.clock, emulator.behaviours)
        self.rds = RdsSnapshots(self.courses, emulator.behaviours)
        self.redshift = RedshiftSnapshots(self.courses, self.lives)

    def reset(self) -> None:
        self.courses.reset()
        self.lives.reset()
        self.rds.reset()
        self.redshift.reset()

    def make_automated_snapshot(self, payload: dict[str, Any]) -> str:
        """As the service's daily one; its name begins with `rds:` or `rs:`."""
        source = _sources(payload).get(payload["source"])
        if source is None:
            raise ControlError(f"no database {payload['source']}")
        made = read_time(payload["createdAt"]) if "createdAt" in payload else self.courses.now()
        stamp = made.strftime("%Y-%m-%d-%H-%M")
        if payload["service"] == "redshift":
            backend = redshift_backends[payload["account"]][payload["region"]]
            name = f"rs:{payload['source']}-{made.strftime('%Y-%m-%d-%H-%M-%S')}"
            snapshot = self.redshift.add(backend, source, name, "automated", [])
            snapshot.create_time = made
            snapshot.source_region = payload.get("sourceRegion")
        else:
            name = f"rds:{payload['source']}-{stamp}"
            snapshot = self.rds.add(_kind(payload), _rds(payload), source, name, "automated", [])
            snapshot.created = snapshot.original_snapshot_create_time = made
        self.courses.fix(snapshot, payload.get("state", "available"))
        return name

    def change_snapshot(self, payload: dict[str, Any]) -> None:
        snapshot = _snapshots(payload).get(payload["id"])
        if snapshot is None:
            raise ControlError(f"no snapshot {payload['id']}")
        if "state" in payload:
            self.courses.fix(snapshot, payload["state"])
        if "createdAt" in payload:
            made = read_time(payload["createdAt"])
            setattr(snapshot, "create_time" if payload["service"] == "redshift" else "created", made)

    def set_quotas(self, payload: dict[str, Any]) -> None:
        """Null lifts one."""
        if "rds" in payload:
            self.rds.quotas.manual_snapshots = payload["rds"]
        if "redshift" in payload:
            self.redshift.quota = payload["redshift"]

    def seed(self, payload: dict[str, Any]) -> list[str]:
        return [self._seed_one(payload, wanted) for wanted in payload["databases"]]

    def _seed_one(self, payload: dict[str, Any], wanted: dict[str, Any]) -> str:
        name = _make_database(payload, wanted)
        database = _sources(payload)[name]
        self.lives.settle(database)
        if "storageEncryptionType" in wanted:
            set_type(database, wanted["storageEncryptionType"])
        if "createdAt" in wanted:
            setattr(database, _TIMES[payload["service"]], read_time(wanted["createdAt"]))
        return name


#: where moto notes when a database was made
_TIMES = {"rds": "created", "rds-cluster": "cluster_create_time", "redshift": "create_time"}


def _kind(payload: dict[str, Any]) -> Kind:
    if payload["service"] not in SERVICES:
        raise ControlError(f"service must be one of {', '.join(SERVICES)}")
    return INSTANCE_SNAPSHOT if payload["service"] == "rds" else CLUSTER_SNAPSHOT


def _rds(payload: dict[str, Any]) -> RDSBackend:
    return rds_backends[payload["account"]][payload["region"]]


def _sources(payload: dict[str, Any]) -> MutableMapping[str, Any]:
    if payload["service"] == "redshift":
        return redshift_backends[payload["account"]][payload["region"]].clusters
    return _kind(payload).sources(_rds(payload))


def _snapshots(payload: dict[str, Any]) -> MutableMapping[str, Any]:
    if payload["service"] == "redshift":
        return redshift_backends[payload["account"]][payload["region"]].snapshots
    return _kind(payload).snapshots(_rds(payload))


def _set_state(payload: dict[str, Any]) -> None:
    source = _sources(payload).get(payload["id"])
    if source is None:
        raise ControlError(f"no database {payload['id']}")
    source.status = payload["state"]


def _make_database(payload: dict[str, Any], wanted: dict[str, Any]) -> str:
    name, tags = wanted["id"], read_tags([{"Key": key, "Value": value} for key, value in wanted.get("tags", {}).items()])
    if payload["service"] == "redshift":
        backend = redshift_backends[payload["account"]][payload["region"]]
        backend.create_cluster(**_REDSHIFT, cluster_identifier=name, region_name=payload["region"], tags=tags)
        return str(name)
    secret = {"master_username": "admin", "master_user_password": "emulator-emulator"}
    if payload["service"] == "rds":
        _rds(payload).create_db_instance(
            {
                "db_instance_identifier": name,
                "db_instance_class": "db.t4g.micro",
                "engine": wanted.get("engine", "postgres"),
                "allocated_storage": 20,
                "tags": tags,
                **secret,
            }
        )
    else:
        _rds(payload).create_db_cluster(
            {"db_cluster_identifier": name, "engine": wanted.get("engine", "aurora-postgresql"), "tags": tags, **secret}
        )
    return str(name)


_REDSHIFT: dict[str, Any] = {
    "node_type": "ra3.large",
    "master_username": "admin",
    "master_user_password": "Emulator-1",
    "db_name": "dev",
    "cluster_type": "single-node",
    "cluster_security_groups": [],
    "vpc_security_group_ids": [],
    "cluster_subnet_group_name": None,
    "availability_zone": None,
    "preferred_maintenance_window": None,
    "cluster_parameter_group_name": None,
    "automated_snapshot_retention_period": None,
    "port": None,
    "cluster_version": None,
    "allow_version_upgrade": True,
    "number_of_nodes": None,
    "publicly_accessible": False,
    "encrypted": False,
}


def install(emulator: Emulator) -> None:
    """Before paging, which wraps the lists."""
    databases = Databases(emulator)
    rds_databases.patch(databases.lives)
    rds_snapshots.patch(databases.rds, databases.courses)
    rds_lists.patch(emulator.behaviours)
    redshift_snapshots.patch(databases.redshift, databases.courses)
    storage_encryption.patch()
    database_lives.patch(databases.lives)
    emulator.intercept(Stage.SERVICE, GoneDatabases(emulator, databases.lives))
    emulator.on_reset(databases.reset)

    def locked(work: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        def run(payload: dict[str, Any]) -> Any:
            with emulator.moto_lock:
                return work(payload)

        return run

    emulator.route("PUT", "databases/lives", databases.lives.set)
    emulator.route("PUT", "databases/snapshot-states", databases.courses.set)
    emulator.route("PUT", "databases/snapshot", locked(databases.change_snapshot))
    emulator.route("PUT", "databases/state", locked(_set_state))
    emulator.route("PUT", "databases/quotas", databases.set_quotas)
    emulator.route("POST", "databases/automated-snapshots", locked(databases.make_automated_snapshot))
    emulator.route("POST", "seed/databases", locked(databases.seed))
