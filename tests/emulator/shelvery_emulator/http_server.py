"""A small threaded HTTP/1.1 server that keeps connections open: werkzeug's closes each after one answer."""

from __future__ import annotations

import os
import socket
import socketserver
import traceback
from collections.abc import Callable
from http import HTTPStatus
from typing import BinaryIO

from .call import Answer, DropConnection

#: method, path with query, headers (names in lower case), body
RequestHandler = Callable[[str, str, dict[str, str], bytes], Answer]


class HttpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens on 127.0.0.1 and nowhere else."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, handler: RequestHandler) -> None:
        self.handle_request_with = handler
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def forget_connections(self) -> None:
        """For a process that was forked from this server's: lets go of all that it listens and talks to, and ends none of it."""
        for connection in (*self.connections, self.socket):
            # A plain close waits until the threads are done with it that this process has not.
            os.close(connection.detach())

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no event."""


class _Connection(socketserver.BaseRequestHandler):
    server: HttpServer

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self.request)
        try:
            with self.request.makefile("rb", 65536) as stream:
                while self._one_request(stream):
                    pass
        finally:
            self.server.connections.discard(self.request)

    def _one_request(self, stream: BinaryIO) -> bool:
        """False when the connection is to end."""
        request_line = stream.readline().decode("latin-1").split()
        if len(request_line) != 3:
            return False
        method, target, _ = request_line
        headers = _read_headers(stream)
        if headers.get("expect", "").lower() == "100-continue":
            self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = _read_body(stream, headers)
        try:
            answer = self.server.handle_request_with(method, target, headers, body)
        except DropConnection:
            return False
        except Exception:
            traceback.print_exc()
            answer = Answer(500, {}, b"")
        self.request.sendall(_written(answer, method))
        return headers.get("connection", "").lower() != "close"


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := stream.readline().rstrip(b"\r\n")) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _read_body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if "chunked" not in headers.get("transfer-encoding", "").lower():
        return stream.read(int(headers.get("content-length") or 0))
    chunks = []
    while (size := int(stream.readline().split(b";")[0], 16)) > 0:
        chunks.append(stream.read(size))
        stream.readline()
    _read_headers(stream)
    del headers["transfer-encoding"]
    return b"".join(chunks)


def _written(answer: Answer, method: str) -> bytes:
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items() if _may_be_sent(name, method, answer)]
    if method != "HEAD" and answer.status not in (204, 304):
        lines.append(f"Content-Length: {len(answer.body)}")
    elif method == "HEAD" and answer.header("content-length") is None:
        lines.append("Content-Length: 0")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if method == "HEAD" else head + answer.body


def _may_be_sent(name: str, method: str, answer: Answer) -> bool:
    """The length is ours to say, save in answers to HEAD, which tell the length of what is not sent."""
    lowered = name.lower()
    if lowered in ("connection", "transfer-encoding"):
        return False
    return lowered != "content-length" or method == "HEAD"
