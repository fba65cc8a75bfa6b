"""Reads the XML documents of S3. Page "XML bindings" of Smithy's documentation."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from botocore.model import Shape

from .validation_json import members_by_name
from .validation_problems import UNKNOWN, VALUE, Problem
from .validation_scalars import read_text


def read_xml(shape: Shape, element: Element, at: str, problems: list[Problem]) -> Any:
    """None for what cannot be read."""
    if shape.type_name == "structure":
        return _read_structure(shape, element, at, problems)
    if shape.type_name == "list":
        return _read_items(shape, list(element), at, problems)
    if len(element) > 0:
        problems.append(Problem(VALUE, at, f"is a {shape.type_name} and has nothing below it", code="MalformedXML"))
        return None
    return read_text(shape.type_name, element.text or "", at, problems)


def _read_structure(shape: Shape, element: Element, at: str, problems: list[Problem]) -> dict[str, Any]:
    members = members_by_name(shape)
    children: dict[str, list[Element]] = {}
    for child in element:
        children.setdefault(child.tag.rpartition("}")[2], []).append(child)
    value = {}
    for wire_name, elements in children.items():
        member = members.get(wire_name)
        path = f"{at}.{wire_name}" if at else wire_name
        if member is None:
            problems.append(Problem(UNKNOWN, path, "is no element of this document", code="MalformedXML"))
            continue
        name, member_shape = member
        if member_shape.type_name == "list" and member_shape.serialization.get("flattened"):
            value[name] = _read_items(member_shape, elements, path, problems)
        elif len(elements) > 1:
            problems.append(Problem(VALUE, path, "is there more than once", code="MalformedXML"))
        else:
            read = read_xml(member_shape, elements[0], path, problems)
            if read is not None:
                value[name] = read
    value.update(_read_attributes(shape, element))
    return value


def _read_items(shape: Shape, elements: list[Element], at: str, problems: list[Problem]) -> list[Any]:
    read = [read_xml(shape.member, element, f"{at}.{index}", problems) for index, element in enumerate(elements, start=1)]
    return [item for item in read if item is not None]


def _read_attributes(shape: Shape, element: Element) -> dict[str, str]:
    """`xsi:type`, the only one in S3's model."""
    attributes = {name.rpartition("}")[2]: text for name, text in element.attrib.items()}
    return {
        name: attributes[local]
        for name, member in shape.members.items()
        if member.serialization.get("xmlAttribute") and (local := member.serialization["name"].rpartition(":")[2]) in attributes
    }
