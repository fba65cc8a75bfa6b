"""What has to be set before moto is loaded, so that it loads fast. Imported for that effect, first of all."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from typing import Any, BinaryIO

import moto.utilities.utils as moto_utilities
from botocore.loaders import JSONFileLoader

# The 500 images of Amazon's that nothing here needs take a second in every region.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")

_load_resource = moto_utilities.load_resource


def _load_needed_resource(resource: str) -> Any:
    """Leaves out where which instance types are offered: 90 files that only DescribeInstanceTypeOfferings reads."""
    return [] if "instance_type_offerings" in resource else _load_resource(resource)


@functools.cache
def _load_model(path: str, open_file: Callable[..., BinaryIO]) -> Any:
    if not os.path.isfile(path):
        return None
    with open_file(path, "rb") as file:
        return json.loads(file.read())


def _load_file(_: JSONFileLoader, full_path: str, open_method: Callable[..., BinaryIO]) -> Any:
    """Reads each of botocore's models once: that of EC2, which takes 80 ms, is asked for four times."""
    return _load_model(full_path, open_method)


moto_utilities.load_resource = _load_needed_resource
JSONFileLoader._load_file = _load_file  # type: ignore[method-assign]
