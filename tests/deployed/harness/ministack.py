"""Runs ministack on a free port of 127.0.0.1 until its parent lets go of it: ministack.py <node> <log>.

Everything that it leaves lying about is in a folder of its own, which is removed in the end. Its functions are run by the given Node, and
say in each call, as the application's id in the user agent, which of them they are.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SECONDS_TO_START = 60
SECONDS_TO_STOP = 10


def main() -> None:
    node, log = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="shelvery-deployed-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        program = str(Path(sys.executable).parent / "ministack")
        with open(log, "wb") as output:
            child = subprocess.Popen([program], env=environment(Path(folder), node, port), stdout=output, stderr=output)
        try:
            wait_until_ready(child, f"http://127.0.0.1:{port}", log)
            print(json.dumps({"endpoint": f"http://127.0.0.1:{port}"}), flush=True)
            # The parent holds our stdin: when it ends, however it ends, so do we.
            while sys.stdin.buffer.read(65536):
                pass
        finally:
            stop(child)


def environment(folder: Path, node: str, port: int) -> dict[str, str]:
    functions = folder / "bin"
    functions.mkdir()
    # Page "userAgentAppId" of the SDK's reference: the id is taken from this variable.
    script = f'#!/bin/sh\nAWS_SDK_UA_APP_ID="$AWS_LAMBDA_FUNCTION_NAME" exec {shlex.quote(node)} "$@"\n'
    (functions / "node").write_text(script)
    (functions / "node").chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{functions}{os.pathsep}{os.environ.get('PATH', '')}",
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
    }


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until_ready(child: subprocess.Popen[bytes], endpoint: str, log: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{endpoint}/_ministack/health") as response:
            response.read()
            return
        time.sleep(0.05)
    sys.exit(f"ministack did not start; what it said is in {log}")


def stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    main()
