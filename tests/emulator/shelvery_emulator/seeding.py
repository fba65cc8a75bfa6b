"""Makes many volumes, snapshots or files at once, without a call for each."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.utils import random_snapshot_id
from moto.s3.models import s3_backends

from .emulator import Emulator
from .snapshot_states import fix_state, read_time

_VOLUME_SIZE_GIB = 8


def _seed_volumes(payload: dict[str, Any]) -> list[str]:
    region = payload["region"]
    backend = ec2_backends[payload["account"]][region]
    ids = []
    for wanted in payload["volumes"]:
        zone = wanted.get("availabilityZone", f"{region}a")
        size = wanted.get("sizeGib", _VOLUME_SIZE_GIB)
        volume = backend.create_volume(size, zone, volume_type=wanted.get("volumeType"))
        if "id" in wanted:
            # Names are made of ids: the same estate twice needs the same ids.
            backend.volumes[wanted["id"]] = backend.volumes.pop(volume.id)
            volume.id = wanted["id"]
        backend.tags[volume.id].update(wanted.get("tags", {}))
        ids.append(volume.id)
    return ids


def _seed_snapshots(payload: dict[str, Any]) -> list[str]:
    backend = ec2_backends[payload["account"]][payload["region"]]
    ids = []
    for wanted in payload["snapshots"]:
        snapshot = Snapshot(
            backend,
            wanted.get("id") or random_snapshot_id(),
            _volume(backend, wanted["volumeId"]),
            wanted.get("description", ""),
            owner_id=wanted.get("ownerId"),
        )
        if "startTime" in wanted:
            snapshot.start_time = read_time(wanted["startTime"])
        if "state" in wanted:
            fix_state(snapshot, wanted["state"])
        backend.snapshots[snapshot.id] = snapshot
        backend.tags[snapshot.id].update(wanted.get("tags", {}))
        ids.append(snapshot.id)
    return ids


def _volume(backend: Any, volume_id: str) -> Volume:
    """A snapshot may outlive its volume: moto asks the volume for its id and size."""
    return backend.volumes.get(volume_id) or Volume(backend, volume_id, _VOLUME_SIZE_GIB, None)


def _seed_objects(payload: dict[str, Any]) -> None:
    backend = s3_backends[payload["account"]]["aws"]
    for key, body in payload["objects"].items():
        backend.put_object(payload["bucket"], key, body.encode())


def install(emulator: Emulator) -> None:
    def seed_volumes(payload: dict[str, Any]) -> list[str]:
        with emulator.moto_lock:
            return _seed_volumes(payload)

    def seed_snapshots(payload: dict[str, Any]) -> list[str]:
        with emulator.moto_lock:
            return _seed_snapshots(payload)

    def seed_objects(payload: dict[str, Any]) -> None:
        with emulator.moto_lock:
            _seed_objects(payload)

    emulator.route("POST", "seed/volumes", seed_volumes)
    emulator.route("POST", "seed/snapshots", seed_snapshots)
    emulator.route("POST", "seed/objects", seed_objects)
