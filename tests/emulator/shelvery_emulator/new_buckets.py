"""New buckets are private, encrypted, and have no access control lists. Pages "Blocking public access to your Amazon S3 storage", "Setting
default server-side encryption behavior for Amazon S3 buckets", "Controlling ownership of objects and disabling ACLs for your bucket"."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend

from .bucket_access import find_bucket
from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

_ENFORCED = "BucketOwnerEnforced"
#: what still may be said of a list of access where there is none
_HARMLESS = "bucket-owner-full-control"


class NoAccessLists(PassingInterceptor):
    """Calls that set a list of access are refused where the bucket's owner owns everything."""

    def before(self, call: Call) -> Answer | None:
        if call.service != "s3":
            return None
        sets_list = call.action in ("PutBucketAcl", "PutObjectAcl") or call.headers.get("x-amz-acl", _HARMLESS) != _HARMLESS
        bucket = find_bucket(call.params.get("Bucket")) if sets_list and call.action != "CreateBucket" else None
        if bucket is None or bucket.ownership_rule != _ENFORCED:
            return None
        return error_answer(call, "AccessControlListNotSupported", "The bucket does not allow ACLs", 400)


def _encrypt(bucket: FakeBucket) -> None:
    """With keys that S3 manages (SSE-S3)."""
    by_default = {"SSEAlgorithm": "AES256"}
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": "false"}}


def install(emulator: Emulator) -> None:
    make = FakeBucket.__init__

    def make_bucket(bucket: FakeBucket, *args: Any, **kwargs: Any) -> None:
        make(bucket, *args, **kwargs)
        if not emulator.behaviours["newBucketsClosed"]:
            return
        _encrypt(bucket)
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        bucket.ownership_rule = _ENFORCED  # type: ignore[assignment]

    def delete_bucket_encryption(backend: S3Backend, bucket_name: str) -> None:
        """Page "DeleteBucketEncryption": resets it to SSE-S3."""
        _encrypt(backend.get_bucket(bucket_name))

    S3Backend.delete_bucket_encryption = delete_bucket_encryption  # type: ignore[method-assign]
    FakeBucket.__init__ = make_bucket  # type: ignore[method-assign]
    emulator.intercept(Stage.ACCESS, NoAccessLists())
