"""The presigned URL by which a snapshot is copied from another region. Pages "CopyDBClusterSnapshot" (Amazon DocumentDB: "You must use the
PreSignedUrl parameter when copying a cluster snapshot from another Region"), "CopyDBSnapshot" and "CopyDBClusterSnapshot" (Amazon RDS: it
"applies only to GovCloud Regions. It's ignored in other Regions"), "Create a signed AWS API request"."""

from __future__ import annotations

import calendar
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from moto.rds.exceptions import RDSClientError

#: of every access key that is an account's id (see emulator.ts)
ACCOUNT_SECRET = "emulator"
_SIGNATURE = "X-Amz-Signature"
_EMPTY = hashlib.sha256(b"").hexdigest()


def check_presigned_url(
    source: Any, account: str, to_region: str, action: str, identifier: str, params: Mapping[str, Any]
) -> None:
    """Refuses a copy from another region whose URL is missing or not signed as it is; `identifier` names the source's parameter."""
    url = params.get("PreSignedUrl")
    asked_for = source.engine == "docdb" or (source.region.startswith("us-gov-") and source.storage_encrypted)
    if not asked_for:
        return
    if not url:
        raise RDSClientError("InvalidParameterValue", "PreSignedUrl must be specified to copy from another region.")
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    told_alike = (
        given.get("Action") == action
        and given.get(identifier) == params[identifier]
        and given.get("DestinationRegion", to_region) == to_region
        and (given.get("KmsKeyId") or None) == params.get("KmsKeyId")
    )
    if not told_alike or not _is_signed(parts, given, account, source.region):
        # The pages name no code. In accounts it is this one (aws/aws-sdk-js-v3, "Cross-region CopyDBClusterSnapshot is failing").
        raise RDSClientError("InvalidParameterValue", "PreSignedurl could not be authenticated")


def _is_signed(parts: SplitResult, given: Mapping[str, str], account: str, region: str) -> bool:
    credential = given.get("X-Amz-Credential", "").split("/")
    if len(credential) != 5 or credential[2:] != [region, "rds", "aws4_request"] or given.get("X-Amz-SignedHeaders") != "host":
        return False
    secret = _secret(credential[0], account)
    if secret is None or _is_over(given):
        return False
    return hmac.compare_digest(_signature(parts, given, credential, secret), given.get(_SIGNATURE, ""))


def _is_over(given: Mapping[str, str]) -> bool:
    """By the real clock, which callers sign by."""
    try:
        signed_at = calendar.timegm(time.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
        return time.time() > signed_at + int(given["X-Amz-Expires"])
    except (KeyError, ValueError):
        return True


def _signature(parts: SplitResult, given: Mapping[str, str], credential: list[str], secret: str) -> str:
    """Every parameter of the URL is signed but the signature; one without a value counts as empty."""
    signed = sorted((_encoded(name), _encoded(value)) for name, value in given.items() if name != _SIGNATURE)
    query = "&".join(f"{name}={value}" for name, value in signed)
    # The host without its port: the address of RDS has none, and the SDK leaves the emulator's in.
    request = f"GET\n{parts.path or '/'}\n{query}\nhost:{parts.hostname}\n\nhost\n{_EMPTY}"
    scope = "/".join(credential[1:])
    text = f"AWS4-HMAC-SHA256\n{given['X-Amz-Date']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in credential[1:]:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _secret(access_key: str, account: str) -> str | None:
    if access_key.isdigit():
        return ACCOUNT_SECRET if access_key == account else None
    # Here, because moto's IAM is large and only assumed roles need it.
    from moto.iam.models import iam_backends

    keys = [backend.access_keys.get(access_key) for backend in iam_backends[account].values()]
    return next((str(key.secret_access_key) for key in keys if key is not None), None)
