"""What has no tags has no list of them either. The pages of the types say nothing of it; answers of real accounts leave it out."""

from __future__ import annotations

from typing import Any

from moto.core.model import ListShape
from moto.core.serialize import EC2Serializer

from .emulator import Emulator

#: The answers that make something have the list, empty or not (AWS CLI reference, the example of "create-snapshot").
_MAKING = ("Create", "Run")


def install(_: Emulator) -> None:
    serialize = EC2Serializer._serialize_type_list

    def serialize_list(serializer: EC2Serializer, serialized: Any, value: Any, shape: ListShape, key: str) -> None:
        if shape.name == "TagList" and not value and not serializer.operation_name.startswith(_MAKING):
            return
        serialize(serializer, serialized, value, shape, key)

    EC2Serializer._serialize_type_list = serialize_list  # type: ignore[method-assign]
