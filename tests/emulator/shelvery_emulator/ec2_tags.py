"""The rules for tags of EC2 resources that moto does not know. Pages "Tag your Amazon EC2 resources" and "CreateTags"."""

from __future__ import annotations

import re
from collections import Counter

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

MOST_TAGS = 50
LONGEST_KEY = 128
LONGEST_VALUE = 256

_KEY = re.compile(r"(?P<group>(?:TagSpecification\.\d+\.)?)Tag\.(?P<index>\d+)\.Key")


class Ec2Tags(PassingInterceptor):
    """Refuses a call with tags that EC2 would refuse, before anything is made."""

    def before(self, call: Call) -> Answer | None:
        if call.service != "ec2" or call.action == "DeleteTags":
            return None
        for tags in _tag_lists(call):
            refused = _refusal(tags)
            if refused is not None:
                return error_answer(call, *refused)
        return None


def _tag_lists(call: Call) -> list[list[tuple[str, str]]]:
    """One list of a CreateTags call, or one for each type of resource that a call makes."""
    lists: dict[str, list[tuple[str, str]]] = {}
    for name, key in call.params.items():
        found = _KEY.fullmatch(name)
        if found is not None:
            value = call.params.get(f"{found['group']}Tag.{found['index']}.Value", "")
            lists.setdefault(found["group"], []).append((key, value))
    return list(lists.values())


def _refusal(tags: list[tuple[str, str]]) -> tuple[str, str] | None:
    for key, value in tags:
        if key.lower().startswith("aws:"):
            return "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"
        if not key or len(key) > LONGEST_KEY:
            return "InvalidParameterValue", f"Tag key exceeds the maximum length of {LONGEST_KEY} characters"
        if len(value) > LONGEST_VALUE:
            return "InvalidParameterValue", f"Tag value exceeds the maximum length of {LONGEST_VALUE} characters"
    doubled = [key for key, count in Counter(key for key, _ in tags).items() if count > 1]
    if doubled:
        return "InvalidParameterValue", f"Duplicate tag key '{doubled[0]}' specified."
    if len(tags) > MOST_TAGS:
        return "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."
    return None


def install(emulator: Emulator) -> None:
    emulator.intercept(Stage.VALIDATION, Ec2Tags())
