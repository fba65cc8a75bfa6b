"""Moto's own server application, called with an identified call and without a socket in between."""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from .call import Answer, Call
from .wire_errors import error_answer, internal_error


class MotoApplication:
    def __init__(self, lock: contextlib.AbstractContextManager[Any], port: Callable[[], int]) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)
        self._lock = lock
        self._port = port

    def serve(self, call: Call) -> Answer:
        try:
            # Moto's state is not made for several threads, and Python runs one at a time anyway.
            with self._lock:
                return self._run(call)
        except NotImplementedError as error:
            print(f"not in moto: {call.service}:{call.action}: {error}", file=sys.stderr)
            return error_answer(call, "InvalidAction", f"The emulator does not know this: {error}", 400)
        except Exception:
            traceback.print_exc()
            return internal_error(call)

    def _run(self, call: Call) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            started.append((status, headers))

        body = b"".join(self._application(self._environ(call), start_response))
        status, headers = started[-1]
        return Answer(int(status.split(" ", 1)[0]), dict(headers), body)

    def _environ(self, call: Call) -> dict[str, Any]:
        path, _, query = call.target.partition("?")
        port = str(self._port())
        environ: dict[str, Any] = {
            "REQUEST_METHOD": call.method,
            "SCRIPT_NAME": "",
            # WSGI hands over decoded bytes as Latin-1 text.
            "PATH_INFO": unquote(path, "latin-1"),
            "RAW_URI": call.target,
            "REQUEST_URI": call.target,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": port,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(call.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "HTTP_X_MOTO_ACCOUNT_ID": call.account,
        }
        for name, value in call.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        environ["CONTENT_LENGTH"] = str(len(call.body))
        return environ
