"""New buckets are private, encrypted, and have no access control lists. Pages "Blocking public access to your Amazon S3 storage", "Setting
default server-side encryption behavior for Amazon S3 buckets", "Controlling ownership of objects and disabling ACLs for your bucket"."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock

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


def install(emulator: Emulator) -> None:
    make = FakeBucket.__init__

    def make_bucket(bucket: FakeBucket, *args: Any, **kwargs: Any) -> None:
        make(bucket, *args, **kwargs)
        bucket.encryption = {
            "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
        }
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        bucket.ownership_rule = _ENFORCED  # type: ignore[assignment]

    FakeBucket.__init__ = make_bucket  # type: ignore[method-assign]
    emulator.intercept(Stage.ACCESS, NoAccessLists())
