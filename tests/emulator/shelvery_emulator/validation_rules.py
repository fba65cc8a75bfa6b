"""The rules for calls that AWS states in prose, and its models do not have: one row each, with the title of the page. What depends on
what exists (quotas, states, names that are taken) is no rule of calls and is not here."""

from __future__ import annotations

import functools
from typing import Any

from .call import Call
from .validation_filters import unknown_filters
from .validation_models import Operation
from .validation_problems import VALUE, Problem
from .validation_rule_kinds import (
    Rule,
    at_least_one,
    at_most,
    at_most_bytes,
    between,
    found_at,
    matches,
    messages_at_most_bytes,
    name_of,
    one_of,
    policy_at_most_bytes,
    unique,
)
from .validation_tags import tag_rules

_KIB, _MIB = 1024, 1024 * 1024

_IMAGE_NAME = matches(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}", "3 to 128 letters, digits, spaces and ( ) [ ] . / - ' @ _")
_BATCH_ID = matches(r"[A-Za-z0-9_-]{1,80}", "1 to 80 letters, digits, hyphens and underscores")
_QUEUE_NAME = matches(r"(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.fifo)?", "1 to 80 letters, digits, hyphens and underscores, with or without .fifo")
_TOPIC_NAME = matches(r"(?=.{1,256}$)[A-Za-z0-9_-]+(?:\.fifo)?", "1 to 256 letters, digits, hyphens and underscores, with or without .fifo")
_BUCKET_NAME = matches(
    r"(?=.{3,63}$)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]*[a-z0-9](?<!-s3alias|--ol-s3|\.mrap|--x-s3)",
    "3 to 63 small letters, digits, dots and hyphens, with a letter or digit at both ends",
)
_XML_TEXT = matches(r"[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]+", "text of the characters that XML has, one at least")
_SUBJECT = matches(r"[^\p{Cc}\p{Zl}\p{Zp}]{1,99}", "1 to 99 characters without line breaks and control characters")
_ACCOUNT = matches(r"\d{12}", "an account of 12 digits")
_ACCOUNT_OR_ALL = matches(r"\d{12}|all", "an account of 12 digits, or all")
_RETENTION = between(1, 3653, -1)

_EC2_PAGED = ("DescribeVolumes", "DescribeSnapshots", "DescribeInstances", "DescribeTags")
_EC2_FILTERED = (*_EC2_PAGED, "DescribeImages", "DescribeSnapshotTierStatus", "DescribeVolumeStatus", "DescribeRegions")
_RDS_PAGED = (
    *("DescribeDBInstances", "DescribeDBClusters", "DescribeDBSnapshots", "DescribeDBClusterSnapshots"),
    *("DescribeDBSubnetGroups", "DescribeOptionGroups", "DescribeDBEngineVersions", "DescribeEvents"),
)
_REDSHIFT_PAGED = ("DescribeClusters", "DescribeClusterSnapshots", "DescribeTags", "DescribeSnapshotCopyGrants", "DescribeEvents")
_SHARING_RDS = ("ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute")
_SQS_BATCHES = ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")
_OF_ITS_PAGE = ""

_DATABASE_RULES = (
    Rule(("CreateDBClusterSnapshot",), "DBClusterSnapshotIdentifier", name_of(63), _OF_ITS_PAGE),
    Rule(("CopyDBClusterSnapshot",), "TargetDBClusterSnapshotIdentifier", name_of(63), _OF_ITS_PAGE),
    Rule(_RDS_PAGED, "MaxRecords", between(20, 100), _OF_ITS_PAGE),
    Rule(_SHARING_RDS, "AttributeName", one_of("restore"), _OF_ITS_PAGE),
    Rule(_SHARING_RDS, "ValuesToAdd.*", _ACCOUNT_OR_ALL, _OF_ITS_PAGE),
    Rule(_SHARING_RDS, "ValuesToRemove.*", _ACCOUNT_OR_ALL, _OF_ITS_PAGE),
)

#: By botocore's name of the model.
RULES: dict[str, tuple[Rule, ...]] = {
    "ec2": (
        *tag_rules("ec2"),
        Rule(("CreateTags", "DeleteTags"), "Resources", at_most(1000, "resources"), _OF_ITS_PAGE),
        Rule(("CreateImage", "CopyImage", "RegisterImage"), "Name", _IMAGE_NAME, "CreateImage", "InvalidAMIName.Malformed"),
        Rule(_EC2_PAGED, "MaxResults", between(5, 1000), "DescribeTags"),
        Rule(_EC2_FILTERED, "Filters.*.Values", at_most(200, "values"), "Filter", "FilterLimitExceeded"),
        Rule(("ModifySnapshotAttribute",), "UserIds.*", _ACCOUNT, _OF_ITS_PAGE),
        Rule(("ModifySnapshotAttribute",), "CreateVolumePermission.Add.*.UserId", _ACCOUNT, "CreateVolumePermission"),
        Rule(("ModifyImageAttribute",), "UserIds.*", _ACCOUNT, _OF_ITS_PAGE),
        Rule(("ModifyImageAttribute",), "LaunchPermission.Add.*.UserId", _ACCOUNT, "LaunchPermission"),
    ),
    "rds": (
        *tag_rules("rds"),
        *_DATABASE_RULES,
        Rule(("CreateDBSnapshot",), "DBSnapshotIdentifier", name_of(255), _OF_ITS_PAGE),
        Rule(("CopyDBSnapshot",), "TargetDBSnapshotIdentifier", name_of(255), _OF_ITS_PAGE),
        Rule(("DescribeDBSnapshots",), "SnapshotType", one_of("automated", "manual", "shared", "public", "awsbackup"), _OF_ITS_PAGE),
        Rule(("DescribeDBClusterSnapshots",), "SnapshotType", one_of("automated", "manual", "shared", "public", "awsbackup"), _OF_ITS_PAGE),
        Rule(("ModifyDBSnapshotAttribute",), "ValuesToAdd", at_most(20, "accounts"), "Sharing a DB snapshot for Amazon RDS"),
        Rule(("ModifyDBClusterSnapshotAttribute",), "ValuesToAdd", at_most(20, "accounts"), "Sharing a DB cluster snapshot"),
    ),
    "docdb": (
        *tag_rules("docdb"),
        *_DATABASE_RULES,
        Rule(("DescribeDBClusterSnapshots",), "SnapshotType", one_of("automated", "manual", "shared", "public"), _OF_ITS_PAGE),
        Rule(("ModifyDBClusterSnapshotAttribute",), "ValuesToAdd", at_most(20, "accounts"), "Sharing Amazon DocumentDB cluster snapshots"),
    ),
    "redshift": (
        *tag_rules("redshift"),
        Rule(("CreateClusterSnapshot",), "SnapshotIdentifier", name_of(255), _OF_ITS_PAGE),
        Rule(("CopyClusterSnapshot",), "TargetSnapshotIdentifier", name_of(255), _OF_ITS_PAGE),
        Rule(("CreateClusterSnapshot", "CopyClusterSnapshot", "ModifyClusterSnapshot"), "ManualSnapshotRetentionPeriod", _RETENTION, _OF_ITS_PAGE),
        Rule(("DescribeClusterSnapshots",), "SnapshotType", one_of("automated", "manual"), _OF_ITS_PAGE),
        Rule(_REDSHIFT_PAGED, "MaxRecords", between(20, 100), _OF_ITS_PAGE),
        Rule(
            ("AuthorizeSnapshotAccess", "RevokeSnapshotAccess"),
            "AccountWithRestoreAccess",
            matches(r"\d{12}|amazon-redshift-support", "an account of 12 digits, or amazon-redshift-support"),
            _OF_ITS_PAGE,
        ),
    ),
    "sqs": (
        Rule(("CreateQueue",), "QueueName", _QUEUE_NAME, _OF_ITS_PAGE),
        Rule(("SendMessage",), "DelaySeconds", between(0, 900), _OF_ITS_PAGE),
        Rule(("SendMessage",), "MessageBody", _XML_TEXT, _OF_ITS_PAGE, "InvalidMessageContents"),
        Rule(("SendMessage",), "", messages_at_most_bytes(_MIB, "MessageBody"), _OF_ITS_PAGE),
        Rule(_SQS_BATCHES, "Entries", at_least_one("entry"), _OF_ITS_PAGE, "EmptyBatchRequest"),
        Rule(_SQS_BATCHES, "Entries", at_most(10, "entries"), _OF_ITS_PAGE, "TooManyEntriesInBatchRequest"),
        Rule(_SQS_BATCHES, "Entries", unique("Id"), _OF_ITS_PAGE, "BatchEntryIdsNotDistinct"),
        Rule(_SQS_BATCHES, "Entries.*.Id", _BATCH_ID, "SendMessageBatchRequestEntry", "InvalidBatchEntryId"),
        Rule(("SendMessageBatch",), "Entries", messages_at_most_bytes(_MIB, "MessageBody"), _OF_ITS_PAGE, "BatchRequestTooLong"),
        Rule(("SendMessageBatch",), "Entries.*.DelaySeconds", between(0, 900), "SendMessageBatchRequestEntry"),
        Rule(("SendMessageBatch",), "Entries.*.MessageBody", _XML_TEXT, _OF_ITS_PAGE, "InvalidMessageContents"),
        Rule(("ReceiveMessage",), "MaxNumberOfMessages", between(1, 10), _OF_ITS_PAGE),
        Rule(("ReceiveMessage",), "WaitTimeSeconds", between(0, 20), "CreateQueue"),
        Rule(("ReceiveMessage", "ChangeMessageVisibility"), "VisibilityTimeout", between(0, 43_200), "ChangeMessageVisibility"),
    ),
    "sns": (
        Rule(("CreateTopic",), "Name", _TOPIC_NAME, _OF_ITS_PAGE),
        Rule(("Publish",), "Subject", _SUBJECT, _OF_ITS_PAGE),
        Rule(("Publish",), "", messages_at_most_bytes(256 * _KIB, "Message"), _OF_ITS_PAGE),
        Rule(("PublishBatch",), "PublishBatchRequestEntries", at_least_one("entry"), _OF_ITS_PAGE, "EmptyBatchRequest"),
        Rule(("PublishBatch",), "PublishBatchRequestEntries", at_most(10, "entries"), _OF_ITS_PAGE, "TooManyEntriesInBatchRequest"),
        Rule(("PublishBatch",), "PublishBatchRequestEntries", unique("Id"), _OF_ITS_PAGE, "BatchEntryIdsNotDistinct"),
        Rule(("PublishBatch",), "PublishBatchRequestEntries.*.Id", _BATCH_ID, "PublishBatchRequestEntry", "InvalidBatchEntryId"),
        Rule(("PublishBatch",), "PublishBatchRequestEntries.*.Subject", _SUBJECT, "PublishBatchRequestEntry"),
        Rule(("PublishBatch",), "PublishBatchRequestEntries", messages_at_most_bytes(256 * _KIB, "Message"), _OF_ITS_PAGE, "BatchRequestTooLong"),
    ),
    "s3": (
        Rule(("CreateBucket",), "Bucket", _BUCKET_NAME, "General purpose bucket naming rules", "InvalidBucketName"),
        Rule(("PutObject", "CopyObject"), "Key", at_most_bytes(1024), "Naming Amazon S3 objects", "KeyTooLongError"),
        Rule(("DeleteObjects",), "Delete.Objects", at_least_one("key"), _OF_ITS_PAGE, "MalformedXML"),
        Rule(("DeleteObjects",), "Delete.Objects", at_most(1000, "keys"), _OF_ITS_PAGE, "MalformedXML"),
        Rule(("PutBucketPolicy",), "Policy", policy_at_most_bytes(20 * _KIB), "Bucket policies for Amazon S3", "MalformedPolicy"),
    ),
    "ssm": (
        Rule(("GetParametersByPath",), "Path", matches(r"/.*", "a path that begins with /"), _OF_ITS_PAGE),
        Rule(("PutParameter",), "Value", at_most_bytes(8 * _KIB), _OF_ITS_PAGE),
    ),
}

#: Page "Invoke": of a payload, by the type of the invocation
_PAYLOADS = {"Event": at_most_bytes(_MIB), "RequestResponse": at_most_bytes(6 * _MIB)}


def broken_rules(operation: Operation, value: dict[str, Any], call: Call) -> list[Problem]:
    """Of the table, and those that take more than one value."""
    problems = [
        Problem(VALUE, at, wrong, rule.page, rule.code, rule.status)
        for rule in _rules_for(operation)
        for at, part in found_at(value, rule.parts)
        if (wrong := rule.check(part)) is not None
    ]
    if "Filters" in value:
        problems += unknown_filters(operation, value["Filters"])
    if (call.service, call.action) == ("lambda", "Invoke"):
        problems += _too_large_payload(value)
    return problems


@functools.cache
def _rules_for(operation: Operation) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES.get(operation.model, ()) if rule.is_for(operation.name))


def _too_large_payload(value: dict[str, Any]) -> list[Problem]:
    check = _PAYLOADS.get(value.get("InvocationType", "RequestResponse"))
    wrong = None if check is None else check(value.get("Payload", b""))
    return [] if wrong is None else [Problem(VALUE, "Payload", wrong, "Lambda quotas", "RequestTooLargeException", 413)]
