"""Times that moto notes are those of the emulator's clock, and are told with three decimals, as EC2, RDS and Redshift tell theirs.
AWS CLI reference, the examples of the calls: milliseconds (`2019-04-30T15:45:53.663Z`), and whole seconds of instances, attachments and
images (`2018-05-10T08:05:20.000Z`). Page "ListObjectsV2" of the Amazon S3 API reference: whole seconds of objects (`2009-10-12T17:50:30.000Z`)."""

from __future__ import annotations

from datetime import datetime

import moto.ec2.models.amis
import moto.ec2.models.elastic_block_store
import moto.ec2.models.instances
import moto.rds.models
import moto.redshift.models
import moto.s3.models
from moto.core.serialize import TimestampSerializer
from moto.ec2.models.elastic_block_store import VolumeAttachment

from .emulator import Emulator

_IN_MILLISECONDS = (moto.ec2.models.elastic_block_store, moto.rds.models, moto.redshift.models)
_IN_SECONDS = (moto.ec2.models.amis, moto.ec2.models.instances, moto.s3.models)


def told(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _timestamp(_: TimestampSerializer, value: datetime) -> str:
    return told(value)


def install(emulator: Emulator) -> None:
    attach = VolumeAttachment.__init__

    def now_in_seconds() -> datetime:
        return emulator.clock.moto_time().replace(microsecond=0)

    def attach_in_seconds(attachment: VolumeAttachment, *args: object, **kwargs: object) -> None:
        attach(attachment, *args, **kwargs)  # type: ignore[arg-type]
        attachment.attach_time = attachment.attach_time.replace(microsecond=0)

    for module in _IN_MILLISECONDS:
        module.utcnow = emulator.clock.moto_time  # type: ignore[attr-defined]
    for module in _IN_SECONDS:
        module.utcnow = now_in_seconds  # type: ignore[attr-defined]
    VolumeAttachment.__init__ = attach_in_seconds  # type: ignore[method-assign]
    TimestampSerializer._timestamp_iso8601 = _timestamp  # type: ignore[method-assign]
    TimestampSerializer._timestamp_iso8601_zeroed = _timestamp  # type: ignore[method-assign]
