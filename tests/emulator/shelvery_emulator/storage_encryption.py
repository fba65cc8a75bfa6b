"""How the storage of databases and their snapshots is encrypted. Pages "DBCluster", "DBInstance", "DBSnapshot", "DBClusterSnapshot"
(StorageEncryptionType), and "Encrypting Amazon Aurora resources": new Aurora clusters are encrypted with a key that AWS owns, of which
StorageEncrypted says nothing."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot

from .control import ControlError

OWNED_KEY, KMS_KEY, NONE = "sse-rds", "sse-kms", "none"
_OF_DOCUMENTDB = "docdb"


def set_type(database: Any, wanted: str) -> None:
    """For seeds; under a KMS key a database is encrypted by the calls that make it."""
    if wanted not in (OWNED_KEY, NONE):
        raise ControlError(f"storageEncryptionType must be {OWNED_KEY} or {NONE}")
    database.__dict__["under_owned_key"] = wanted == OWNED_KEY


def _type(database: Any) -> str | None:
    """None of DocumentDB's, whose pages have no such member."""
    if database.engine == _OF_DOCUMENTDB:
        return None
    if database.storage_encrypted:
        return KMS_KEY
    return OWNED_KEY if _is_under_owned_key(database) else NONE


def _is_under_owned_key(database: Any) -> bool:
    seeded = database.__dict__.get("under_owned_key")
    return str(database.engine).startswith("aurora") if seeded is None else bool(seeded)


def inherit(snapshot: Any, source: Any) -> None:
    """A snapshot has what its database has, and a copy what its source has."""
    snapshot.__dict__["under_owned_key"] = _is_under_owned_key(source)


def patch() -> None:
    for model in (DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot):
        model.storage_encryption_type = property(_type)
