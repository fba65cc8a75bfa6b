"""Images that others share, in lists. Pages "DescribeImages", "ModifyImageAttribute", "Share an AMI with specific AWS accounts"."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.responses import EC2Response

from .emulator import Emulator

EVERYBODY = {"Group": "all"}


def _shared_with(backend: EC2Backend) -> dict[str, Ami]:
    """What other accounts let this one launch in its region. Their tags stay theirs (page "Tag your Amazon EC2 resources")."""
    mine = {"UserId": backend.account_id}
    found: dict[str, Ami] = {}
    for account, region, other in ec2_backends.iter_backends():
        if region != backend.region_name or account == backend.account_id:
            continue
        for image in other.amis.values():
            if mine in image.launch_permissions or EVERYBODY in image.launch_permissions:
                seen = copy.copy(image)
                seen.ec2_backend = backend
                found[seen.id] = seen
    return found


def _may_launch(image: Ami, wanted: str, account: str) -> bool:
    """Page "DescribeImages", ExecutableBy: users with launch permissions of their own; `all` is what is public."""
    if wanted == "all":
        return EVERYBODY in image.launch_permissions
    return {"UserId": account if wanted == "self" else wanted} in image.launch_permissions


def install(_: Emulator) -> None:
    """After images, whose lists it widens, and before paging."""
    respond = EC2Response.describe_images

    def describe_images(response: EC2Response) -> ActionResult:
        backend: EC2Backend = response.ec2_backend
        own = backend.amis
        backend.amis = own | _shared_with(backend)
        try:
            result: Any = respond(response).result
        finally:
            backend.amis = own
        # Those of other accounts as they see them themselves are not for this one.
        images = [image for image in result["Images"] if image.ec2_backend is backend]
        wanted = response._get_param("ExecutableUsers", [])
        if wanted:
            images = [image for image in images if any(_may_launch(image, each, backend.account_id) for each in wanted)]
        return ActionResult(result | {"Images": images})

    EC2Response.describe_images = describe_images  # type: ignore[method-assign]
