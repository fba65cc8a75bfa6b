"""How many values the filters of one EC2 call may have. The page "List and filter your resources" tells of 200 for a filter; accounts answer
"The maximum number of filter values specified on a single call is 200", and count those of all filters."""

from __future__ import annotations

import re
from collections import Counter

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer

MOST_VALUES = 200
_VALUE = re.compile(r"Filter\.(\d+)\.Value\.\d+")


class FilterLimits(PassingInterceptor):
    def __init__(self, emulator: Emulator) -> None:
        self._behaviours = emulator.behaviours

    def before(self, call: Call) -> Answer | None:
        if call.service != "ec2":
            return None
        numbers = Counter(found.group(1) for found in map(_VALUE.fullmatch, call.params) if found is not None)
        most = numbers.total() if self._behaviours["filterValuesOfAllFilters"] else max(numbers.values(), default=0)
        if most <= MOST_VALUES:
            return None
        message = f"The maximum number of filter values specified on a single call is {MOST_VALUES}"
        return error_answer(call, "FilterLimitExceeded", message)


def install(emulator: Emulator) -> None:
    emulator.intercept(Stage.SERVICE, FilterLimits(emulator))
