"""The interceptors that a call goes through on its way to moto, and its answer on the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .call import Answer, Call


class Stage:
    """Where an interceptor stands: the lower, the further out. Those of one stage stand in the order of registration."""

    LOG = 0
    LATENCY = 10
    FAULTS = 20
    THROTTLE = 30
    ACCESS = 40
    VALIDATION = 50
    FORWARDING = 55
    SERVICE = 60


class Interceptor(Protocol):
    """May answer a call itself, change it, or change its answer; either method may raise DropConnection."""

    def before(self, call: Call) -> Answer | None:
        """None lets the call go on; an answer goes back through the interceptors further out only."""

    def after(self, call: Call, answer: Answer) -> Answer:
        """The answer that goes on outwards."""


class PassingInterceptor:
    """Lets everything pass: what interceptors with only one of the two methods start from."""

    def before(self, call: Call) -> Answer | None:
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        return answer


class Chain:
    def __init__(self) -> None:
        self._links: list[tuple[int, Interceptor]] = []

    def add(self, stage: int, interceptor: Interceptor) -> None:
        self._links.append((stage, interceptor))
        self._links.sort(key=lambda link: link[0])

    def handle(self, call: Call, serve: Callable[[Call], Answer]) -> Answer:
        passed: list[Interceptor] = []
        answer: Answer | None = None
        for _, interceptor in self._links:
            answer = interceptor.before(call)
            if answer is not None:
                break
            passed.append(interceptor)
        if answer is None:
            answer = serve(call)
        for interceptor in reversed(passed):
            answer = interceptor.after(call, answer)
        return answer
