"""Asks AWS what the project has no SDK client for. In: JSON with endpoint, account, region, questions; out: the answers, in their order.

A question is {"service": "events", "operation": "list_rules", "parameters": {}} in botocore's names; lists are read to their end.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3


def main() -> None:
    asked = json.load(sys.stdin)
    session = boto3.Session(aws_access_key_id=asked["account"], aws_secret_access_key="any", region_name=asked["region"])
    json.dump([answer(session, asked["endpoint"], question) for question in asked["questions"]], sys.stdout, default=str)


def answer(session: boto3.Session, endpoint: str, question: dict[str, Any]) -> dict[str, Any]:
    client = session.client(question["service"], endpoint_url=endpoint)
    operation, parameters = question["operation"], question["parameters"]
    if client.can_paginate(operation):
        found: dict[str, Any] = client.get_paginator(operation).paginate(**parameters).build_full_result()
    else:
        found = getattr(client, operation)(**parameters)
    found.pop("ResponseMetadata", None)
    return found


if __name__ == "__main__":
    main()
