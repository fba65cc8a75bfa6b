"""S3 between accounts and regions: who may do what with a bucket. Pages "How Amazon S3 authorizes a request", "Verifying bucket
ownership with bucket owner condition", "Making requests using the REST API"."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape, unescape

from moto.s3.models import FakeBucket, FakeKey, s3_backends

from .assumed_roles import role_of
from .bucket_policies import Request, Verdict, judge
from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import REQUEST_ID, error_answer

#: Page "Actions, resources, and condition keys for Amazon S3": operations whose action has another name.
_ACTIONS = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
_VERSIONED = ("GetObject", "DeleteObject", "HeadObject")
_POLICY_CALLS = ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy")
_KEY = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL)
_SOURCE = re.compile(r"/?(?P<bucket>[^/]+)/(?P<key>[^?]+)")


class BucketAccess(PassingInterceptor):
    """Callers of the bucket's own account may do all that no policy denies; others only what the policy allows."""

    def __init__(self, lock: contextlib.AbstractContextManager[Any]) -> None:
        self._lock = lock
        self._of_thread = threading.local()

    def before(self, call: Call) -> Answer | None:
        self._of_thread.denied_keys = frozenset()
        if call.service != "s3" or call.action == "CreateBucket":
            return None
        with self._lock:
            bucket = find_bucket(call.params.get("Bucket"))
            return self._refusal(call, bucket) if bucket is not None else None

    def denied_keys(self) -> frozenset[str]:
        """Of the DeleteObjects call that this thread is at."""
        return getattr(self._of_thread, "denied_keys", frozenset())

    def _refusal(self, call: Call, bucket: FakeBucket) -> Answer | None:
        if bucket.region_name != call.region and call.action != "GetBucketLocation":
            return _redirect(call, bucket)
        if not _is_expected(call, "x-amz-expected-bucket-owner", bucket):
            return _denied(call)
        if call.action in ("CopyObject", "UploadPartCopy"):
            refused = _source_refusal(call)
            if refused is not None:
                return refused
        if call.action == "DeleteObjects":
            # What may not be deleted is told key by key in an answer of 200.
            keys = frozenset(keys_to_delete(call.body))
            self._of_thread.denied_keys = frozenset(key for key in keys if not _may(call, bucket, "DeleteObject", key))
            return None
        key = call.params.get("Key")
        if not _may(call, bucket, _action(call), key):
            return _denied(call)
        return _hidden(call, bucket, key) if _action(call) == "GetObject" else None


def find_bucket(name: object) -> FakeBucket | None:
    """In whatever account it is: names are global."""
    owner = s3_backends.bucket_accounts.get(str(name))
    if owner is None:
        return None
    partition, account = owner
    return s3_backends[account][partition].buckets.get(str(name))


def _is_expected(call: Call, header: str, bucket: FakeBucket) -> bool:
    """Page "Verifying bucket ownership with bucket owner condition"."""
    return call.headers.get(header, bucket.account_id) == bucket.account_id


def _action(call: Call) -> str:
    if call.action in _VERSIONED and "VersionId" in call.params:
        return f"{_ACTIONS.get(call.action, call.action)}Version"
    return _ACTIONS.get(call.action, call.action)


def _may(call: Call, bucket: FakeBucket, action: str, key: str | None) -> bool:
    own = call.account == bucket.account_id
    # Page "PutBucketPolicy": the owner's root user keeps these, whatever the policy says.
    if own and action in _POLICY_CALLS:
        return True
    verdict = _judge(call, bucket, action, key)
    return verdict is not Verdict.DENY if own else verdict is Verdict.ALLOW


def _judge(call: Call, bucket: FakeBucket, action: str, key: str | None) -> Verdict:
    if bucket.policy is None:
        return Verdict.NONE
    arn = f"arn:{bucket.partition}:s3:::{bucket.name}"
    # Requests count as sent by TLS, which the emulator does not have.
    context = {"aws:securetransport": "true", "aws:principalaccount": call.account}
    if action == "ListBucket" and call.action.startswith("ListObjects"):
        context |= {f"s3:{name.lower()}": call.params[name] for name in ("Prefix", "Delimiter") if name in call.params}
    resource = arn if key is None else f"{arn}/{key}"
    request = Request(call.account, role_of(call), f"s3:{action}", resource, context)
    return judge(_parsed(bucket.policy), request)


@functools.lru_cache(maxsize=64)
def _parsed(policy: bytes) -> dict[str, Any]:
    return dict(json.loads(policy))


def _hidden(call: Call, bucket: FakeBucket, key: str | None) -> Answer | None:
    """Page "GetObject": who may not list the bucket is not told that an object is missing. With a condition on s3:prefix he may
    not, as there is no prefix in the request."""
    # In a versioned bucket a delete marker stands for what is gone.
    if isinstance(bucket.keys.get(key), FakeKey) or _may(call, bucket, "ListBucket", None):
        return None
    return _denied(call)


def _source_refusal(call: Call) -> Answer | None:
    found = _SOURCE.fullmatch(unquote(call.headers.get("x-amz-copy-source", "")))
    bucket = find_bucket(found["bucket"]) if found is not None else None
    if found is None or bucket is None:
        return None
    if not _is_expected(call, "x-amz-source-expected-bucket-owner", bucket):
        return _denied(call)
    return None if _may(call, bucket, "GetObject", found["key"]) else _denied(call)


def keys_to_delete(body: bytes) -> Iterator[str]:
    for found in _KEY.finditer(body):
        yield unescape(found[1].decode(), {"&quot;": '"', "&apos;": "'", "&#xD;": "\r", "&#xA;": "\n"})


def _denied(call: Call) -> Answer:
    return error_answer(call, "AccessDenied", "Access Denied", 403)


def _redirect(call: Call, bucket: FakeBucket) -> Answer:
    """Page "Making requests using the REST API", section on redirects; page "HeadBucket"."""
    headers = {"Content-Type": "application/xml", "x-amz-request-id": REQUEST_ID, "x-amz-bucket-region": bucket.region_name}
    endpoint = f"{bucket.name}.s3.{bucket.region_name}.amazonaws.com"
    message = "The bucket you are attempting to access must be addressed using the specified endpoint."
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>PermanentRedirect</Code><Message>{message}</Message><Endpoint>{endpoint}</Endpoint>"
        f"<Bucket>{escape(bucket.name)}</Bucket><RequestId>{REQUEST_ID}</RequestId><HostId>emulator</HostId></Error>"
    )
    return Answer(301, headers, b"" if call.method == "HEAD" else body.encode())


def _permission(access: BucketAccess) -> Callable[[FakeBucket, str, str], Any]:
    """Moto judges by a bucket's policy too, whoever asks and whatever the conditions are."""

    def get_permission(_: FakeBucket, action: str, resource: str) -> Any:
        # Here, as moto does it too: its IAM is large.
        from moto.iam.access_control import PermissionResult

        key = resource.partition(":::")[2].partition("/")[2]
        denied = action == "s3:DeleteObject" and key in access.denied_keys()
        return PermissionResult.DENIED if denied else PermissionResult.NEUTRAL

    return get_permission


def install(emulator: Emulator) -> None:
    access = BucketAccess(emulator.moto_lock)
    emulator.intercept(Stage.ACCESS, access)
    FakeBucket.get_permission = _permission(access)  # type: ignore[method-assign]
