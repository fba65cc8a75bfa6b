"""Which bucket policies S3 takes, and how it keeps them. Pages "PutBucketPolicy", "Bucket policies for Amazon S3", "Blocking public
access to your Amazon S3 storage"."""

from __future__ import annotations

import json
from typing import Any

from moto.s3.models import FakeBucket

from .bucket_access import find_bucket
from .bucket_policies import account_of, aws_principals, listed, statements
from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

#: Page "Bucket policies for Amazon S3".
MOST_BYTES = 20 * 1024


class BucketPolicyRules(PassingInterceptor):
    """Every account exists, save those that a test names."""

    def __init__(self) -> None:
        self._unknown: frozenset[str] = frozenset()

    def set_unknown_accounts(self, payload: dict[str, list[str]]) -> None:
        self._unknown = frozenset(payload["accounts"])

    def reset(self) -> None:
        self._unknown = frozenset()

    def before(self, call: Call) -> Answer | None:
        if (call.service, call.action) != ("s3", "PutBucketPolicy"):
            return None
        bucket = find_bucket(call.params.get("Bucket"))
        if bucket is None:
            return None
        try:
            policy = json.loads(call.body)
        except ValueError:
            return _malformed(call, "Policies must be valid JSON and the first byte must be '{'")
        refused = _refusal(policy, bucket, self._unknown)
        if refused is not None:
            return _malformed(call, refused)
        if _blocks_public_policies(bucket) and any(map(_is_public, statements(policy))):
            return error_answer(call, "AccessDenied", "Access Denied", 403)
        call.replace_body(json.dumps(_kept(policy, bucket.partition), separators=(",", ":")).encode())
        return None


def _malformed(call: Call, message: str) -> Answer:
    return error_answer(call, "MalformedPolicy", message, 400)


def _refusal(policy: Any, bucket: FakeBucket, unknown: frozenset[str]) -> str | None:
    if not isinstance(policy, dict) or "Statement" not in policy:
        return "Missing required field Statement"
    if len(json.dumps(policy, separators=(",", ":"))) > MOST_BYTES:
        return f"Policy exceeds the maximum size of {MOST_BYTES} bytes"
    arn = f"arn:{bucket.partition}:s3:::{bucket.name}"
    for statement in statements(policy):
        if "Principal" not in statement and "NotPrincipal" not in statement:
            return "Missing required field Principal"
        named = [account_of(each) for each in aws_principals(statement) if each != "*"]
        if any(account is None or account in unknown for account in named):
            return "Invalid principal in policy"
        resources = listed(statement.get("Resource", statement.get("NotResource", [])))
        if not all(each == arn or str(each).startswith(f"{arn}/") for each in resources):
            return "Policy has invalid resource"
    return None


def _blocks_public_policies(bucket: FakeBucket) -> bool:
    block: Any = bucket.public_access_block
    return block is not None and str(block.block_public_policy).lower() == "true"


def _is_public(statement: dict[str, Any]) -> bool:
    """Page "Blocking public access to your Amazon S3 storage", "The meaning of public": an Allow for everybody. Conditions that
    narrow it are taken as narrowing it enough."""
    return statement.get("Effect") == "Allow" and "*" in aws_principals(statement) and "Condition" not in statement


def _kept(policy: dict[str, Any], partition: str) -> dict[str, Any]:
    """Page "AWS JSON policy elements: Principal": an account's id is kept as the ARN of its root."""
    return policy | {"Statement": [_kept_statement(statement, partition) for statement in statements(policy)]}


def _kept_statement(statement: dict[str, Any], partition: str) -> dict[str, Any]:
    principal = statement.get("Principal")
    if not isinstance(principal, dict) or "AWS" not in principal:
        return statement
    kept = [f"arn:{partition}:iam::{each}:root" if str(each).isdigit() else each for each in listed(principal["AWS"])]
    return statement | {"Principal": principal | {"AWS": kept[0] if len(kept) == 1 else kept}}


def install(emulator: Emulator) -> None:
    rules = BucketPolicyRules()
    emulator.intercept(Stage.VALIDATION, rules)
    emulator.on_reset(rules.reset)
    emulator.route("PUT", "accounts/unknown", rules.set_unknown_accounts)
