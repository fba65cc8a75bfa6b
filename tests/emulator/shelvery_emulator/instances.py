"""Instances' times, and those whose root is an instance store. Pages "Instance" (LaunchTime), "InstanceNetworkInterfaceAttachment"
(AttachTime), "RegisterImage", "CreateImage", "StopInstances", "Root volumes for your Amazon EC2 instances"."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_ami_id

from .emulator import Emulator
from .images import make_image

INSTANCE_STORE = "instance-store"


def _register_image(response: EC2Response) -> ActionResult:
    """Page "RegisterImage": a manifest in S3 (ImageLocation) is what an image of the instance-store kind is registered by."""
    backend: EC2Backend = response.ec2_backend
    location = response._get_param("ImageLocation")
    if location is None:
        image = backend.register_image(response._get_param("Name"), response._get_param("Description", ""))
        image.root_device_type = "ebs"
    else:
        image = make_image(
            backend,
            random_ami_id(),
            name=response._get_param("Name"),
            description=response._get_param("Description", ""),
            image_location=location,
            root_device_type=INSTANCE_STORE,
        )
    return ActionResult({"ImageId": image.id})


def install(emulator: Emulator) -> None:
    """After images, whose kinds it adds to."""
    run, start, stop = EC2Backend.run_instances, Instance.start, EC2Backend.stop_instances

    def run_instances(backend: EC2Backend, image_id: str, *args: Any, **kwargs: Any) -> Any:
        reservation = run(backend, image_id, *args, **kwargs)
        image = backend.amis.get(image_id)
        if image is not None and image.root_device_type == INSTANCE_STORE:
            for instance in reservation.instances:
                instance.root_device_type = INSTANCE_STORE
                # Moto gives every instance a root volume.
                instance.teardown_defaults()
        return reservation

    def start_instance(instance: Instance) -> InstanceState:
        """Page "Instance", LaunchTime: the last launch. When the first was, the primary network interface's attach time tells."""
        instance.launch_time = emulator.clock.moto_time().replace(microsecond=0)
        return start(instance)

    def stop_instances(backend: EC2Backend, instance_ids: list[str]) -> list[tuple[Instance, InstanceState]]:
        """Page "StopInstances"; the code is that of "Error codes for the Amazon EC2 API"."""
        for instance in backend.get_multi_instances_by_id(instance_ids):
            if instance.root_device_type == INSTANCE_STORE:
                raise EC2ClientError(
                    "UnsupportedOperation",
                    f"The instance '{instance.id}' does not have an 'ebs' root device type and cannot be stopped.",
                )
        return stop(backend, instance_ids)

    EC2Backend.run_instances = run_instances  # type: ignore[method-assign]
    EC2Backend.stop_instances = stop_instances  # type: ignore[method-assign]
    EC2Response.register_image = _register_image  # type: ignore[method-assign]
    Instance.start = start_instance  # type: ignore[method-assign]
