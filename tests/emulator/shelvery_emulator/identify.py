"""Finds out which operation of which service a request calls, in which region and for which account."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from .call import Call
from .rest_operations import match_operation

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

_CREDENTIAL = re.compile(r"Credential=([^/\s]+)/[^/]+/([^/]+)/([^/]+)/aws4_request")
_PROTOCOLS = {"ec2": "ec2", "s3": "rest-xml", "lambda": "rest-json"}
#: the bucket in names like bucket.s3.localhost and bucket.s3.eu-west-1.amazonaws.com
_BUCKET_HOST = re.compile(r"(?P<bucket>.+?)\.(?:s3[.-].*|s3|localhost)(?::\d+)?")


def identify(method: str, target: str, headers: dict[str, str], body: bytes) -> Call:
    """A request of no known form is given the action `Unknown`."""
    path, _, query_text = target.partition("?")
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    access_key, region, service = _credential(headers, query)
    call = Call(
        service=service,
        action="Unknown",
        region=region,
        account=_account(access_key, headers),
        access_key=access_key,
        protocol="query",
        method=method,
        path=path,
        target=target,
        query=query,
        headers=headers,
        body=body,
        params={},
    )
    _name_action(call)
    return call


def _credential(headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[str, str, str]:
    """Page "Create a signed AWS API request": the credential scope names region and service."""
    signed = headers.get("authorization", "")
    if not signed and "X-Amz-Credential" in query:
        signed = f"Credential={query['X-Amz-Credential']}"
    found = _CREDENTIAL.search(signed)
    if found is None:
        return "", DEFAULT_REGION, "s3"
    return found.group(1), found.group(2), found.group(3).lower()


def _account(access_key: str, headers: Mapping[str, str]) -> str:
    """A header of moto's, an access key that is an account id, or the account that moto made the key for."""
    named = headers.get("x-moto-account-id")
    if named is not None:
        return named
    if len(access_key) == 12 and access_key.isdigit():
        return access_key
    # Here, because moto's IAM is large and only assumed roles need it.
    from moto.iam.models import get_account_id_from

    return get_account_id_from(access_key)


def _name_action(call: Call) -> None:
    amz_target = call.headers.get("x-amz-target")
    if amz_target is not None:
        call.protocol = "json"
        call.action = amz_target.rpartition(".")[2]
        call.params = _json_object(call.body)
    elif call.service in ("s3", "lambda"):
        call.protocol = _PROTOCOLS[call.service]
        _name_rest_action(call)
    else:
        call.protocol = _PROTOCOLS.get(call.service, "query")
        # Queue addresses and service versions are of no use in the parameters.
        call.params = dict(call.query) | dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        call.params.pop("Version", None)
        call.action = call.params.pop("Action", "Unknown")


def _name_rest_action(call: Call) -> None:
    path = call.path
    host = _BUCKET_HOST.fullmatch(call.headers.get("host", "")) if call.service == "s3" else None
    if host is not None and host.group("bucket") != "s3":
        path = f"/{quote(host.group('bucket'))}{path}"
    matched = match_operation(call.service, call.method, path, call.query, call.headers)
    if matched is not None:
        call.action = matched.name
        call.params = dict(matched.params)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}

