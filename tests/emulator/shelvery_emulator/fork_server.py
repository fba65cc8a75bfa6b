"""
An emulator for each connection, within milliseconds: this process loads all that an emulator takes seconds for, and forks. What the
connection is told first is what an emulator prints when it is ready. Each ends with its connection, or with the parent of this process.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import signal
import socket
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import urlencode

from moto.moto_api._internal import mock_random

from .emulator import Emulator
from .http_server import RequestHandler
from .lifelines import STDIN, add_lifeline

STDOUT = 1

#: One call for each service, by which moto loads it, and botocore its model.
_FIRST_CALLS = (
    ("ec2", "DescribeVolumes", "2016-11-15"),
    ("rds", "DescribeDBInstances", "2014-10-31"),
    ("redshift", "DescribeClusters", "2012-12-01"),
    ("sts", "GetCallerIdentity", "2011-06-15"),
    ("sns", "ListTopics", "2010-03-31"),
    ("iam", "ListRoles", "2010-05-08"),
)
_FIRST_JSON_CALLS = (("sqs", "AmazonSQS.ListQueues"), ("ssm", "AmazonSSM.DescribeParameters"), ("kms", "TrentService.ListKeys"))
_FIRST_REST_CALLS = (("s3", "/"), ("lambda", "/2015-03-31/functions/"))


def serve_forks(emulator: Emulator, handle: RequestHandler, run: Callable[[], object]) -> NoReturn:
    """
    Until the parent lets go of our stdin.

    :param handle: of a server that has not begun to serve
    :param run: serves as an emulator whose owner holds its stdin and reads its stdout; called in a process of its own
    """
    _load_services(handle)
    emulator.reset()
    # What is loaded by now is not looked through again in any fork, whose memory would have to be copied for that.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print(json.dumps({"endpoint": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
        # No thread runs here at any time: a lock that another thread holds would stay held in the fork for ever.
        while listener in select.select([listener, STDIN], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    listener.close()
                    _become_emulator(connection)
                    run()
    os._exit(0)


def _become_emulator(connection: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    add_lifeline(os.dup(STDIN))
    for stream in (STDIN, STDOUT):
        os.dup2(connection.fileno(), stream)
    connection.close()
    # Ids that moto makes up differ from those of other emulators.
    mock_random.seed()
    random.seed()


def _load_services(handle: RequestHandler) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for service, action, version in _FIRST_CALLS:
        handle("POST", "/", _signed(service) | form, urlencode({"Action": action, "Version": version}).encode())
    for service, action in _FIRST_JSON_CALLS:
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": action}
        handle("POST", "/", _signed(service) | headers, b"{}")
    for service, path in _FIRST_REST_CALLS:
        handle("GET", path, _signed(service), b"")


def _signed(service: str) -> dict[str, str]:
    credential = f"123456789012/20260101/us-east-1/{service}/aws4_request"
    return {
        "host": "127.0.0.1",
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
    }
