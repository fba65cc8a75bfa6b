"""botocore's models of the services, and the operation of a call in them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import botocore.session
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel, Shape, StructureShape

from .call import Call

_SERVICES = frozenset({"ec2", "rds", "redshift", "s3", "sns", "sqs", "sts", "ssm", "lambda"})


@dataclass(frozen=True)
class Operation:
    """`model` is botocore's name of the model: DocumentDB's own calls have another one than those of RDS."""

    model: str
    name: str
    protocol: str
    shape: StructureShape | None
    #: what the model says of its address, with the query that stands in it
    uri: str


def is_checked(service: str) -> bool:
    return service in _SERVICES


def find_operation(call: Call) -> Operation | None:
    """None if the service's model has none of that name, or not in the protocol in which it was called."""
    found = _operation(_model_name(call), call.action)
    return found if found is not None and found.protocol == call.protocol else None


def _model_name(call: Call) -> str:
    """DocumentDB's clients sign as RDS's do and name themselves in the user agent."""
    return "docdb" if call.service == "rds" and "api/docdb#" in call.headers.get("user-agent", "") else call.service


@functools.cache
def _service(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


@functools.cache
def _operation(model: str, name: str) -> Operation | None:
    service = _service(model)
    try:
        operation = service.operation_model(name)
    except OperationNotFoundError:
        return None
    return Operation(model, name, service.metadata["protocol"], operation.input_shape, operation.http["requestUri"])


def answering_operation(call: Call) -> OperationModel | None:
    """By whose model a call is answered: DocumentDB's by that of RDS, whose address its clients call."""
    if not is_checked(call.service) or call.action not in _service(call.service).operation_names:
        return None
    return _service(call.service).operation_model(call.action)


@functools.cache
def documentation_of(model: str, action: str, member: str) -> str:
    """What the page of the action says of one of its parameters, in HTML."""
    operation = _operation(model, action)
    found: Shape | None = None if operation is None or operation.shape is None else operation.shape.members.get(member)
    return "" if found is None else str(found.documentation)
