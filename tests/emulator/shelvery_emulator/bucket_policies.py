"""What bucket policies say of a request. Pages "Policy evaluation logic", "IAM JSON policy elements: Condition operators"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Verdict(Enum):
    ALLOW = "Allow"
    DENY = "Deny"
    #: no statement speaks of the request
    NONE = "None"


@dataclass(frozen=True)
class Request:
    """What a policy is asked about."""

    account: str
    #: of the role that was assumed, if one was
    role_arn: str | None
    action: str
    resource: str
    #: condition keys in lower case, and their values; one that the request does not have is left out
    context: Mapping[str, str]


def judge(policy: Mapping[str, Any], request: Request) -> Verdict:
    """A Deny that fits wins over every Allow."""
    effects = {statement["Effect"] for statement in statements(policy) if _speaks_of(statement, request)}
    if "Deny" in effects:
        return Verdict.DENY
    return Verdict.ALLOW if "Allow" in effects else Verdict.NONE


def statements(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    return listed(policy.get("Statement", []))


def listed(value: Any) -> list[Any]:
    """Policies have a list of one thing, or the thing."""
    return list(value) if isinstance(value, list) else [value]


def aws_principals(statement: Mapping[str, Any]) -> list[str]:
    """Of the kind `AWS`; `"Principal": "*"` means the same as `{"AWS": "*"}`."""
    principal = statement.get("Principal", {})
    return [str(each) for each in listed(principal.get("AWS", []))] if isinstance(principal, dict) else listed(principal)


def account_of(principal: str) -> str | None:
    """The account of a principal, which is an account's id or an ARN of IAM or STS; None if it is neither."""
    found = re.fullmatch(r"(\d{12})|arn:[\w-]+:(?:iam|sts)::(\d{12}):.+", principal)
    return (found[1] or found[2]) if found is not None else None


def _speaks_of(statement: Mapping[str, Any], request: Request) -> bool:
    if "NotPrincipal" in statement:
        raise NotImplementedError("NotPrincipal in a bucket policy")
    return (
        any(_is_principal(each, request) for each in aws_principals(statement))
        and _is_among(statement, "Action", request.action, ignore_case=True)
        and _is_among(statement, "Resource", request.resource, ignore_case=False)
        and all(_conditions(statement, request))
    )


def _is_principal(principal: str, request: Request) -> bool:
    """An account stands for all in it; a role for itself."""
    if principal == "*":
        return True
    if principal == request.account or re.fullmatch(rf"arn:[\w-]+:iam::{request.account}:root", principal):
        return True
    return request.role_arn is not None and principal == request.role_arn


def _is_among(statement: Mapping[str, Any], element: str, value: str, ignore_case: bool) -> bool:
    if f"Not{element}" in statement:
        return not any(_is_like(each, value, ignore_case) for each in listed(statement[f"Not{element}"]))
    return any(_is_like(each, value, ignore_case) for each in listed(statement[element]))


def _is_like(pattern: str, value: str, ignore_case: bool = False) -> bool:
    """`*` is any characters, `?` is one."""
    wild = {"*": ".*", "?": "."}
    expression = "".join(wild.get(each, re.escape(each)) for each in pattern)
    return re.fullmatch(expression, value, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


#: Whether a value fits one of those in the policy.
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": lambda wanted, value: _is_like(wanted, value),
    "ArnLike": lambda wanted, value: _is_like(wanted, value),
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": lambda wanted, value: _is_like(wanted, value),
}
_NEGATED = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotEquals": "ArnEquals"}


def _conditions(statement: Mapping[str, Any], request: Request) -> Iterator[bool]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield _holds(operator, request.context.get(key.lower()), [_text(each) for each in listed(values)])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    """Without the key in the request, negated operators and those with IfExists hold, and the others do not."""
    name = operator.removesuffix("IfExists")
    if name == "Null":
        return (value is None) == (wanted[0] == "true")
    if value is None:
        return name in _NEGATED or operator.endswith("IfExists")
    fits = _OPERATORS.get(_NEGATED.get(name, name))
    if fits is None:
        raise NotImplementedError(f"the condition operator {operator} in a bucket policy")
    return any(fits(each, value) for each in wanted) != (name in _NEGATED)
