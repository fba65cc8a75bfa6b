"""Spares moto work that it does anew in every call, or that grows with everything that it holds. No answer changes by it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import moto.backends as moto_backends
import moto.core.responses as core_responses
import moto.core.serialize as core_serialize
import moto.ec2.models.core as ec2_core
import moto.kms.models as kms_models
from moto.core.serialize import AttributePicker, AttributePickerContext, XFormedAttributePicker
from moto.core.utils import get_value
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from .emulator import Emulator

_MISSING = object()


def _own_tags(resource: Any) -> list[dict[str, str]]:
    """Moto goes through the tags of all resources to find those of one."""
    tags = resource.ec2_backend.tags.get(resource.id) or {}
    resource_type = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "") if tags else ""
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": resource_type}
        for key, value in tags.items()
    ]


class _RememberedKeys:
    """Under which names a member of an answer is looked for: the same for all objects of one class."""

    def __init__(self) -> None:
        self._possible_keys = XFormedAttributePicker.get_possible_keys
        self._known: dict[tuple[object, ...], tuple[str, ...]] = {}

    def keys(self, picker: AttributePicker, context: AttributePickerContext) -> tuple[str, ...]:
        shape = context.shape
        parent = getattr(shape, "parent", None)
        identity = (
            type(picker),
            type(context.obj),
            context.key,
            shape.name,
            shape.serialization.get("name"),
            parent.name if parent is not None else None,
            context.service_model.service_name if context.service_model is not None else None,
            context.operation_model.name if context.operation_model is not None else None,
        )
        keys = self._known.get(identity)
        if keys is None:
            keys = tuple(dict.fromkeys(self._possible_keys(picker, context)))
            self._known[identity] = keys
        return keys


_remembered = _RememberedKeys()


def _pick(picker: XFormedAttributePicker, context: AttributePickerContext) -> Any:
    value: Any = None
    for key in _remembered.keys(picker, context):
        found = get_value(context.obj, key, _MISSING)
        if found is not _MISSING:
            value = found
            break
    last_names = picker.__dict__.get("last_names")
    if last_names is None:
        last_names = picker.__dict__["last_names"] = {path.rpartition(".")[2] for path in picker.response_transformers}
    if context.key not in last_names:
        return value
    key_path = f"{context.key_path}.{context.key}"
    for path, transform in picker.response_transformers.items():
        if key_path.endswith(path):
            return transform(value)
    return value


def _unparse(document: dict[str, Any], *, full_document: bool = True, **_: object) -> str:
    """What xmltodict.unparse gives, for the documents that moto has."""
    declaration = '<?xml version="1.0" encoding="utf-8"?>\n' if full_document else ""
    return declaration + "".join(_written(document))


def _written(elements: dict[str, Any]) -> Iterator[str]:
    for name, value in elements.items():
        if not name.startswith(("@", "#")):
            for each in value if isinstance(value, (list, tuple)) else (value,):
                yield from _element(name, each)


def _element(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        text = _text(value)
        yield f"<{name}>{text}</{name}>" if text else f"<{name}/>"
        return
    attributes = "".join(
        f" {key[1:]}={quoteattr(str(each))}" for key, each in value.items() if key.startswith("@") and each is not None
    )
    yield f"<{name}{attributes}>"
    yield _text(value.get("#text"))
    yield from _written(value)
    yield f"</{name}>"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(value if isinstance(value, str) else str(value))


def install(_: Emulator) -> None:
    modules = tuple(moto_backends.list_of_moto_modules())
    moto_backends.list_of_moto_modules = lambda: modules
    DomainDispatcherApplication.get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)  # type: ignore[method-assign]
    core_responses.method_names_from_class = functools.cache(core_responses.method_names_from_class)
    core_responses.camelcase_to_underscores = functools.cache(core_responses.camelcase_to_underscores)
    core_serialize.xmltodict = SimpleNamespace(unparse=_unparse)
    XFormedAttributePicker.__call__ = _pick  # type: ignore[method-assign]
    # A tenth of a second each: nothing here signs by a KMS key.
    kms_models.generate_private_key = functools.cache(kms_models.generate_private_key)
    ec2_core.TaggedEC2Resource.get_tags = _own_tags  # type: ignore[method-assign]
