"""What the things that a call names are like as it comes, in the call log: whose they are, their tags and their keys, which is what
AWS looks at to decide whether a call is allowed. ARNs: pages "Actions, resources, and condition keys for" each service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.kms import kms_backends
from moto.rds.models import rds_backends
from moto.rds.utils import split_arn
from moto.redshift.models import redshift_backends
from moto.sns.models import sns_backends

from .bucket_access import find_bucket, keys_to_delete
from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .images import snapshots_of
from .volume_sets import attached_volumes

#: What is found of a parameter's value; nothing where it is the name of nothing.
Finder = Callable[[Call, str], Iterable[dict[str, Any]]]


def _target(arn: str, account: str, tags: Iterable[dict[str, str]] = (), key: str | None = None) -> dict[str, Any]:
    named = {tag.get("Key") or tag["key"]: tag.get("Value") or tag.get("value") or "" for tag in tags}
    return {"arn": arn, "account": account, "tags": named, "kmsKeyId": key}


def _ec2(kind: str, table: str, in_region: str | None = None) -> Finder:
    """EC2's ids are known everywhere, so that those of other accounts are found, too."""

    def find(call: Call, resource_id: str) -> Iterator[dict[str, Any]]:
        wanted = call.params.get(in_region or "", call.region)
        for owner, region, backend in ec2_backends.iter_backends():
            found = _table(backend, table).get(resource_id) if region == wanted else None
            if found is not None:
                yield _ec2_target(kind, region, owner, found)
                for snapshot in snapshots_of(found) if kind == "image" else ():
                    yield _ec2_target("snapshot", region, owner, snapshot)

    return find


def _table(backend: EC2Backend, table: str) -> dict[str, Any]:
    if table == "instances":
        return {instance.id: instance for reservation in backend.reservations.values() for instance in reservation.instances}
    return dict(getattr(backend, table))


def _ec2_target(kind: str, region: str, owner: str, found: Any) -> dict[str, Any]:
    # Snapshots and images have no account in their ARNs.
    account = "" if kind in ("snapshot", "image") else owner
    key = getattr(found, "kms_key_id", None)
    encrypted = getattr(found, "encrypted", False)
    return _target(f"arn:aws:ec2:{region}:{account}:{kind}/{found.id}", owner, found.get_tags(), key if encrypted else None)


def _set_of_volumes(call: Call, instance_id: str) -> Iterator[dict[str, Any]]:
    """An instance, and those of its volumes that the call does not leave out."""
    excluded = {value for name, value in call.params.items() if name.startswith("InstanceSpecification.ExcludeDataVolumeId.")}
    excludes_root = call.params.get("InstanceSpecification.ExcludeBootVolume") == "true"
    backend = ec2_backends[call.account][call.region]
    instance = _table(backend, "instances").get(instance_id)
    if instance is None:
        return
    yield _ec2_target("instance", call.region, call.account, instance)
    for device, volume_id in attached_volumes(instance).items():
        is_left_out = volume_id in excluded or (excludes_root and device == instance.root_device_name)
        if not is_left_out and volume_id in backend.volumes:
            yield _ec2_target("volume", call.region, call.account, backend.volumes[volume_id])


def _tagged_by_ec2(call: Call, resource_id: str) -> Iterable[dict[str, Any]]:
    kinds = {"snap": ("snapshot", "snapshots"), "ami": ("image", "amis"), "vol": ("volume", "volumes"), "i": ("instance", "instances")}
    kind = kinds.get(resource_id.partition("-")[0])
    # An image's tags are not its snapshots'.
    return () if kind is None else list(_ec2(*kind)(call, resource_id))[:1]


def _rds(table: str) -> Finder:
    def find(call: Call, identifier: str) -> Iterator[dict[str, Any]]:
        region, account, name = call.region, call.account, identifier
        if identifier.startswith("arn:"):
            region, account, _, name = split_arn(identifier)
        found = getattr(rds_backends[account][region], table).get(name)
        if found is not None:
            yield _target(found.arn, account, found.tags, found.kms_key_id if found.storage_encrypted else None)

    return find


def _tagged_by_rds(call: Call, arn: str) -> Iterable[dict[str, Any]]:
    tables = {"snapshot": "database_snapshots", "cluster-snapshot": "cluster_snapshots", "db": "databases", "cluster": "clusters"}
    return _rds(tables[split_arn(arn)[2]])(call, arn)


def _redshift(table: str) -> Finder:
    def find(call: Call, name: str) -> Iterator[dict[str, Any]]:
        name = name.rpartition(":")[2].rpartition("/")[2] if name.startswith("arn:") else name
        found = getattr(redshift_backends[call.account][call.region], table).get(name)
        if found is not None:
            yield _target(found.arn, call.account, found.tags, found.kms_key_id if found.encrypted else None)

    return find


def _bucket(_: Call, name: str) -> Iterator[dict[str, Any]]:
    found = find_bucket(name)
    if found is not None:
        yield _target(f"arn:aws:s3:::{name}", found.account_id)


def _topic(_: Call, arn: str) -> Iterator[dict[str, Any]]:
    account, region = arn.split(":")[4], arn.split(":")[3]
    found = sns_backends[account][region].topics.get(arn)
    if found is not None:
        yield _target(arn, account, (), found.kms_master_key_id or None)


def _key(call: Call, key: str) -> Iterator[dict[str, Any]]:
    """A key by its id, its alias, or the ARN of either."""
    account, region = (key.split(":")[4], key.split(":")[3]) if key.startswith("arn:") else (call.account, call.region)
    name = key.rpartition(":")[2] if ":alias/" in key else key
    backend = kms_backends[account][region]
    try:
        yield _target(str(backend.describe_key(name).arn), account)
    except Exception:
        return


#: By service and parameter; a list's members are found by the list's name.
_FINDERS: dict[str, dict[str, Finder]] = {
    "ec2": {
        "ImageId": _ec2("image", "amis"),
        "InstanceId": _ec2("instance", "instances"),
        "InstanceSpecification.InstanceId": _set_of_volumes,
        "KmsKeyId": _key,
        "ResourceId": _tagged_by_ec2,
        "SnapshotId": _ec2("snapshot", "snapshots"),
        "SourceImageId": _ec2("image", "amis", "SourceRegion"),
        "SourceSnapshotId": _ec2("snapshot", "snapshots", "SourceRegion"),
        "VolumeId": _ec2("volume", "volumes"),
    },
    "kms": {"KeyId": _key},
    "rds": {
        "DBClusterIdentifier": _rds("clusters"),
        "DBClusterSnapshotIdentifier": _rds("cluster_snapshots"),
        "DBInstanceIdentifier": _rds("databases"),
        "DBSnapshotIdentifier": _rds("database_snapshots"),
        "KmsKeyId": _key,
        "ResourceName": _tagged_by_rds,
        "SourceDBClusterSnapshotIdentifier": _rds("cluster_snapshots"),
        "SourceDBSnapshotIdentifier": _rds("database_snapshots"),
    },
    "redshift": {
        "ClusterIdentifier": _redshift("clusters"),
        "ResourceName": _redshift("snapshots"),
        "SnapshotIdentifier": _redshift("snapshots"),
        "SourceSnapshotIdentifier": _redshift("snapshots"),
    },
    "s3": {"Bucket": _bucket},
    "sns": {"TopicArn": _topic},
}


def _deleted_objects(call: Call) -> list[dict[str, Any]]:
    """Which are named in the body of a DeleteObjects call."""
    if (call.service, call.action) != ("s3", "DeleteObjects"):
        return []
    found = find_bucket(call.params["Bucket"])
    owner = found.account_id if found is not None else call.account
    return [{"parameter": "Key", **_target(f"arn:aws:s3:::{call.params['Bucket']}/{key}", owner)} for key in keys_to_delete(call.body)]


def _deleted_snapshots(call: Call) -> list[dict[str, Any]]:
    """What a call of BatchDeleteClusterSnapshots names, each by a parameter of its own."""
    if (call.service, call.action) != ("redshift", "BatchDeleteClusterSnapshots"):
        return []
    find = _redshift("snapshots")
    names = [str(value) for parameter, value in call.params.items() if parameter.endswith(".SnapshotIdentifier")]
    return [{"parameter": "SnapshotIdentifier", **target} for name in names for target in find(call, name)]


class CallTargets(PassingInterceptor):
    """Off until a test asks for it: it takes time, and most tests have no use for it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._is_on = False

    def configure(self, payload: dict[str, bool]) -> None:
        self._is_on = payload["on"]

    def reset(self) -> None:
        self._is_on = False

    def before(self, call: Call) -> Answer | None:
        finders = _FINDERS.get(call.service, {}) if self._is_on else {}
        targets = []
        for parameter, find in finders.items():
            named = call.params.get(parameter)
            values = call.listed(parameter) if named is None else [str(named)]
            with self._emulator.moto_lock:
                targets += [{"parameter": parameter, **target} for value in values for target in find(call, value)]
        if self._is_on:
            call.notes["call_log"]["targets"] = targets + _deleted_objects(call) + _deleted_snapshots(call)
        return None


def install(emulator: Emulator) -> None:
    """After call_log, to whose records it adds."""
    targets = CallTargets(emulator)
    emulator.intercept(Stage.LOG, targets)
    emulator.on_reset(targets.reset)
    emulator.route("PUT", "calls/targets", targets.configure)
