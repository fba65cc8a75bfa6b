"""Images whose state follows their snapshots'. Pages "CreateImage", "CopyImage", "DeregisterImage", "DescribeImages", "Image"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidTaggableResourceType
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.models.instances import Instance
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_ami_id

from .ebs_lists import is_owned
from .ebs_sharing import copy_readable
from .ec2_filters import Reader, apply_filters
from .emulator import Emulator
from .paging import PAGED_LISTS, ec2_list

#: Page "CreateImage", Name.
_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")

#: Page "CreateImage": of an instance that is running or stopped.
_IMAGED_STATES = ("running", "stopping", "stopped")

IMAGE_FILTERS: Mapping[str, Reader] = {
    "architecture": lambda image: image.architecture,
    "block-device-mapping.snapshot-id": lambda image: [each.id for each in snapshots_of(image)],
    "description": lambda image: image.description or "",
    "image-id": lambda image: image.id,
    "is-public": lambda image: "true" if image.is_public else "false",
    "name": lambda image: image.name,
    "owner-id": lambda image: image.owner_id,
    "root-device-type": lambda image: image.root_device_type,
    "state": lambda image: image.state,
}


def snapshots_of(image: Ami) -> list[Snapshot]:
    return [snapshot for _, snapshot in _devices(image)]


def _devices(image: Ami) -> list[tuple[str, Snapshot]]:
    if image.root_device_type == "instance-store":
        return []
    return getattr(image, "image_devices", None) or [(image.root_device_name, image.ebs_snapshot)]


def _state(image: Ami) -> str:
    """Pending until its snapshots are completed; failed with one of them. A state that was set (disabled) stays."""
    fixed = image.__dict__.get("fixed_state", "available")
    if fixed != "available":
        return str(fixed)
    states = {snapshot.status for snapshot in snapshots_of(image)} if hasattr(image, "ebs_snapshot") else set()
    if "error" in states:
        return "failed"
    return "pending" if "pending" in states else "available"


def _set_state(image: Ami, state: str) -> None:
    image.__dict__["fixed_state"] = state


def _state_reason(image: Ami) -> dict[str, str] | None:
    if _state(image) != "failed":
        return None
    return {"Code": "Client.InternalError", "Message": "Client.InternalError: Failed to complete image creation"}


def _block_device_mappings(image: Ami) -> list[dict[str, Any]]:
    """An image that is still pending does not name its snapshots yet."""
    pending = image.state == "pending"
    return [
        {
            "DeviceName": device,
            "Ebs": {
                "SnapshotId": None if pending else snapshot.id,
                "VolumeSize": snapshot.volume_size,
                "DeleteOnTermination": False,
                "VolumeType": "gp3",
                "Encrypted": snapshot.encrypted,
            },
        }
        for device, snapshot in _devices(image)
    ]


def make_image(backend: EC2Backend, image_id: str, **kwargs: Any) -> Ami:
    """Moto makes a snapshot of its own for each image, which has the wrong size, tags and number."""
    image = Ami(backend, image_id, **kwargs)
    del backend.snapshots[image.ebs_snapshot.id]
    backend.amis[image_id] = image
    return image


def _add(image: Ami, devices: list[tuple[str, Snapshot]], specifications: list[dict[str, Any]]) -> None:
    image.image_devices = devices  # type: ignore[attr-defined]
    for _, snapshot in devices:
        snapshot.from_ami = image.id
    for specification in specifications:
        tagged = [image] if specification["ResourceType"] == "image" else snapshots_of(image)
        for resource in tagged:
            resource.add_tags({tag["Key"]: tag["Value"] for tag in specification["Tags"]})


def _check(backend: EC2Backend, name: str, specifications: list[dict[str, Any]], unique: bool) -> None:
    if _NAME.fullmatch(name) is None:
        raise EC2ClientError(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, "
            "'(', ')', '.', '-', '/' and '_'",
        )
    for specification in specifications:
        if specification["ResourceType"] not in ("image", "snapshot"):
            raise InvalidTaggableResourceType(specification["ResourceType"])
    holder = next((image for image in backend.amis.values() if image.name == name), None)
    if unique and holder is not None:
        raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {holder.id}")


def _create_image(
    backend: EC2Backend, instance_id: str, name: str, description: str, tag_specifications: list[dict[str, Any]]
) -> Ami:
    instance: Instance = backend.get_instance(instance_id)
    if instance.state not in _IMAGED_STATES:
        raise EC2ClientError("IncorrectInstanceState", f"Instance '{instance_id}' is not in the state 'running' or 'stopped'.")
    if instance.root_device_type == "instance-store":
        # Page "CreateImage": of an instance that is EBS-backed. Guess: the code, which is that for a root volume that is detached.
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Invalid value '{instance_id}' for instanceId. Instance does not have a volume attached at root (null)",
        )
    _check(backend, name, tag_specifications, unique=True)
    image = make_image(backend, random_ami_id(), instance=instance, name=name, description=description, root_device_type="ebs")
    about = f"Created by CreateImage({instance_id}) for {image.id}"
    devices = [
        (device, backend.create_snapshot(mapping.volume_id, about)) for device, mapping in instance.get_block_device_mapping
    ]
    _add(image, devices, tag_specifications)
    return image


def _readable_image(account: str, region: str, image_id: str) -> Ami:
    """Page "Understand AMI copy permissions": one's own, a public one, or one with a launch permission; and its snapshots'."""
    for owner, in_region, backend in ec2_backends.iter_backends():
        image = backend.amis.get(image_id) if in_region == region else None
        if image is None or not (owner == account or image.is_public or {"UserId": account} in image.launch_permissions):
            continue
        for snapshot in snapshots_of(image):
            if account != owner and account not in snapshot.create_volume_permission_userids:
                raise EC2ClientError("InvalidRequest", "You do not have permission to access the storage of this ami")
        return image
    raise EC2ClientError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")


#: What refuses a copy, each given the source and the account and region that it is copied by.
COPY_CHECKS: list[Callable[[Ami, str, str], None]] = []


class _Copies:
    """Page "Ensuring idempotency in Amazon EC2 API requests": a token that was seen before gives the same image."""

    def __init__(self) -> None:
        self._by_token: dict[tuple[str, str, str], str] = {}

    def reset(self) -> None:
        self._by_token = {}

    def copy_image(self, response: EC2Response) -> ActionResult:
        backend: EC2Backend = response.ec2_backend
        token = response._get_param("ClientToken")
        key = (backend.account_id, backend.region_name, token)
        if token is None or key not in self._by_token:
            self._by_token[key] = _copy_image(backend, response).id
        return ActionResult({"ImageId": self._by_token[key]})


def _copy_image(backend: EC2Backend, response: EC2Response) -> Ami:
    region = response._get_param("SourceRegion")
    source = _readable_image(backend.account_id, region, response._get_param("SourceImageId"))
    if source.state != "available":
        raise EC2ClientError("InvalidRequest", f"The image {source.id} is not available")
    for check in COPY_CHECKS:
        check(source, backend.account_id, region)
    specifications = response._get_param("TagSpecifications", [])
    name = response._get_param("Name")
    # The pages say nothing of equal names here.
    _check(backend, name, specifications, unique=False)
    image = make_image(
        backend,
        random_ami_id(),
        source_ami=source,
        name=name,
        description=response._get_param("Description"),
        root_device_type=source.root_device_type,
    )
    # Guess: within an account a copy keeps what is to be paid for.
    image.__dict__["codes_of_products"] = source.__dict__.get("codes_of_products", [])
    encrypted, kms_key = response._get_bool_param("Encrypted", False), response._get_param("KmsKeyId")
    devices = []
    at_ms = int(image.creation_date.replace(tzinfo=timezone.utc).timestamp() * 1000)
    for device, snapshot in _devices(source):
        about = f"Copied for DestinationAmi {image.id} from SourceAmi {source.id} for SourceSnapshot {snapshot.id}. Task created on {at_ms:,}."
        devices.append((device, copy_readable(backend, snapshot, region, about, encrypted, kms_key)))
    _add(image, devices, specifications)
    return image


def _deregister_image(response: EC2Response) -> ActionResult:
    """Page "DeregisterImage": snapshots go with the image where it is asked for, but not those that another image uses."""
    backend: EC2Backend = response.ec2_backend
    image_id = response._get_param("ImageId")
    image = backend.amis.get(image_id)
    backend.deregister_image(image_id)
    if image is None or not response._get_bool_param("DeleteAssociatedSnapshots", False):
        return ActionResult({"Return": True})
    used = {snapshot.id for other in backend.amis.values() for snapshot in snapshots_of(other)}
    results = []
    for snapshot in snapshots_of(image):
        skipped = snapshot.id in used
        results.append({"SnapshotId": snapshot.id, "ReturnCode": "skipped" if skipped else "success"})
        if not skipped:
            backend.delete_snapshot(snapshot.id)
    return ActionResult({"Return": True, "DeleteSnapshotResults": results})


def _describe_images(response: EC2Response) -> ActionResult:
    """Page "DescribeImages": disabled ones only where they are asked for; one unknown id fails the call."""
    backend: EC2Backend = response.ec2_backend
    ids, owners = response._get_param("ImageIds", []), set(response._get_param("Owners", []))
    images = backend.describe_images(ami_ids=ids) if ids else _visible(backend)
    if owners:
        images = [image for image in images if is_owned(image.owner_id, owners, backend.account_id)]
    if not response._get_bool_param("IncludeDisabled", False):
        images = [image for image in images if image.state != "disabled"]
    return ActionResult({"Images": apply_filters(images, response._filters_from_querystring(), IMAGE_FILTERS)})


def _visible(backend: EC2Backend) -> list[Ami]:
    """The account's own images, and those of others that it may launch."""
    found = list(backend.amis.values())
    for account, region, other in ec2_backends.iter_backends():
        if account != backend.account_id and region == backend.region_name:
            mine = {"UserId": backend.account_id}
            found += [image for image in other.amis.values() if image.is_public or mine in image.launch_permissions]
    return found


def _instances_on_one_page(describe: Callable[[EC2Response], ActionResult]) -> Callable[[EC2Response], ActionResult]:
    """Moto's own pages know no size but the one asked for."""

    def describe_instances(response: EC2Response) -> ActionResult:
        backend: EC2Backend = response.ec2_backend
        if response._get_param("InstanceIds"):
            return describe(response)
        return ActionResult({"Reservations": backend.describe_instances(filters=response._filters_from_querystring())})

    return describe_instances


def _modify_image_attribute(modify: Callable[..., None]) -> Callable[..., None]:
    """Page "Error codes for the Amazon EC2 API", InvalidAMIID.Unavailable: an image that was deregistered, or is not in a state
    in which its attributes can be modified. Answers of real accounts say it of pending ones."""

    def modify_image_attribute(backend: EC2Backend, ami_id: str, *args: Any, **kwargs: Any) -> None:
        image = backend.amis.get(ami_id)
        if image is None and ami_id not in backend.deleted_amis:
            raise EC2ClientError("InvalidAMIID.NotFound", f"The image id '[{ami_id}]' does not exist")
        state = "deregistered" if image is None else image.state
        if state != "available":
            raise EC2ClientError("InvalidAMIID.Unavailable", f"The AMI ID '{ami_id}' is currently {state} and may not be used")
        modify(backend, ami_id, *args, **kwargs)

    return modify_image_attribute


def _do_resources_exist(exist: Callable[[EC2Backend, list[str]], bool]) -> Callable[[EC2Backend, list[str]], bool]:
    """Page "CreateTags": of what exists. Answers of real accounts give the code for images."""

    def do_resources_exist(backend: EC2Backend, resource_ids: list[str]) -> bool:
        for image_id in resource_ids:
            if image_id in backend.deleted_amis:
                raise EC2ClientError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
        return exist(backend, resource_ids)

    return do_resources_exist


def install(emulator: Emulator) -> None:
    """After ebs_sharing, whose copies it makes, and before paging."""
    copies = _Copies()

    def copy_image(response: EC2Response) -> ActionResult:
        return copies.copy_image(response)

    Ami.state = property(_state, _set_state)  # type: ignore[assignment]
    Ami.state_reason = property(_state_reason)  # type: ignore[attr-defined]
    Ami.block_device_mappings = property(_block_device_mappings)  # type: ignore[assignment]
    EC2Backend.create_image = _create_image  # type: ignore[method-assign]
    EC2Backend.modify_image_attribute = _modify_image_attribute(EC2Backend.modify_image_attribute)  # type: ignore[method-assign]
    EC2Backend.do_resources_exist = _do_resources_exist(EC2Backend.do_resources_exist)  # type: ignore[method-assign]
    EC2Response.copy_image = copy_image  # type: ignore[method-assign]
    EC2Response.deregister_image = _deregister_image  # type: ignore[method-assign]
    EC2Response.describe_images = _describe_images  # type: ignore[method-assign]
    EC2Response.describe_instances = _instances_on_one_page(EC2Response.describe_instances)  # type: ignore[method-assign]
    PAGED_LISTS.append(ec2_list("describe_images", "Images", "ImageIds", lambda image: image.id, smallest=1))
    PAGED_LISTS.append(ec2_list("describe_instances", "Reservations", "InstanceIds", lambda reservation: reservation.id))
    emulator.on_reset(copies.reset)
