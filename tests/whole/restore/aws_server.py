"""The AWS CLI as a server of one socket: it loads the program and its service models once, and runs each command in a fork of that, so that a
command takes a fraction of a second. It says the path of the socket, and ends when its stdin does."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import threading

from awscli.clidriver import create_clidriver

SERVICES = ("ec2", "rds", "docdb", "redshift")


def load():
    driver = create_clidriver()
    for service in SERVICES:
        driver.session.get_service_model(service)
        driver.session.get_waiter_model(service)
    return driver


def answer(connection: socket.socket, driver) -> None:
    """In a process of its own: the command's words and environment come as JSON; its two outputs and its exit code go back."""
    with connection.makefile("rb") as incoming:
        asked = json.loads(incoming.readline())
    os.environ.clear()
    os.environ.update(asked["environment"])
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        code = driver.main(asked["words"])
        sys.stdout.flush()
        sys.stderr.flush()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    connection.sendall(json.dumps({"code": code, "out": texts[0], "err": texts[1]}).encode())
    connection.shutdown(socket.SHUT_RDWR)


def main() -> None:
    driver = load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/aws.sock")
        server.listen(16)
        print(f"{folder}/aws.sock", flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), os.kill(os.getpid(), signal.SIGTERM)), daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                try:
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                    answer(connection, driver)
                finally:
                    os._exit(0)
            connection.close()


main()
