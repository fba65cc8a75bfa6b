"""Sends the calls of some services on to another server, which answers them in moto's place: here they are logged, checked and faulted."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator


class Forwarding(PassingInterceptor):
    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}

    def set(self, payload: dict[str, Any]) -> None:
        address = urlsplit(payload["endpoint"]).netloc
        self._addresses = {service: address for service in payload["services"]}

    def reset(self) -> None:
        self._addresses = {}

    def before(self, call: Call) -> Answer | None:
        address = self._addresses.get(call.service)
        return None if address is None else _answer_of(address, call)


def _answer_of(address: str, call: Call) -> Answer:
    connection = HTTPConnection(address)
    try:
        headers = {name: value for name, value in call.headers.items() if name not in ("connection", "host", "expect")}
        connection.request(call.method, call.target, call.body, headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def install(emulator: Emulator) -> None:
    forwarding = Forwarding()
    emulator.intercept(Stage.FORWARDING, forwarding)
    emulator.on_reset(forwarding.reset)
    emulator.route("PUT", "forwarding", forwarding.set)
