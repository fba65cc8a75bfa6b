"""How many copies of snapshots may run at a time. Page "Quotas for Amazon EBS"."""

from __future__ import annotations

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from .emulator import Emulator

#: "Concurrent snapshot copies per destination Region"
MOST_COPIES = 20


def install(_: Emulator) -> None:
    """After ebs_sharing, whose copies it counts."""
    copy = EC2Response.copy_snapshot

    def copy_snapshot(response: EC2Response) -> ActionResult:
        snapshots = response.ec2_backend.snapshots.values()
        running = sum(getattr(each, "is_copy", False) and each.status == "pending" for each in snapshots)
        if running >= MOST_COPIES:
            raise EC2ClientError(
                "ResourceLimitExceeded",
                f"Too many snapshot copies in progress. The limit is {MOST_COPIES} for this destination region.",
            )
        return copy(response)

    EC2Response.copy_snapshot = copy_snapshot  # type: ignore[method-assign]
