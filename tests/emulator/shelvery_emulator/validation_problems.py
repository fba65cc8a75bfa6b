"""What can be wrong with a call, and what each service answers to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: kinds of problems
ACTION, UNKNOWN, MISSING, VALUE = "action", "unknown", "missing", "value"


@dataclass(frozen=True)
class Problem:
    kind: str
    #: dotted, by the names of the model; numbers count from 1
    parameter: str
    rule: str
    #: title of the page of the AWS documentation; empty for the page of the operation
    page: str = ""
    #: the error's code where it is not the service's usual one for this kind, and its HTTP status
    code: str | None = None
    status: int = 400

    def on_page(self, page: str) -> Problem:
        return self if self.page else replace(self, page=page)


#: Pages "Error codes for the Amazon EC2 API", "Common errors" (RDS, DocumentDB, Redshift, SNS, STS), "Error responses" (S3), "Common error
#: types" (SQS, SSM, Lambda)
_CODES = {
    "ec2": {ACTION: "InvalidAction", UNKNOWN: "UnknownParameter", MISSING: "MissingParameter", VALUE: "InvalidParameterValue"},
    "rds": {ACTION: "InvalidAction", UNKNOWN: "ValidationError", MISSING: "MissingParameter", VALUE: "InvalidParameterValue"},
    "redshift": {ACTION: "InvalidAction", UNKNOWN: "ValidationError", MISSING: "MissingParameter", VALUE: "InvalidParameterValue"},
    "sns": {ACTION: "InvalidAction", UNKNOWN: "ValidationError", MISSING: "ValidationError", VALUE: "InvalidParameter"},
    "sts": {ACTION: "InvalidAction", UNKNOWN: "ValidationError", MISSING: "ValidationError", VALUE: "ValidationError"},
    "sqs": {ACTION: "InvalidAction", UNKNOWN: "ValidationError", MISSING: "MissingParameter", VALUE: "InvalidParameterValue"},
    "s3": {ACTION: "MethodNotAllowed", UNKNOWN: "InvalidArgument", MISSING: "InvalidRequest", VALUE: "InvalidArgument"},
}
_OTHER_CODES = {ACTION: "UnknownOperationException", UNKNOWN: "ValidationException", MISSING: "ValidationException", VALUE: "ValidationException"}


def error_of(service: str, problems: list[Problem]) -> tuple[str, str, int]:
    """Code, message and HTTP status of the service's answer: of the first problem that has an error of its own, or else of the first."""
    problem = next((each for each in problems if each.code is not None), problems[0])
    code = problem.code or _CODES.get(service, _OTHER_CODES)[problem.kind]
    message = f"{problem.parameter}: {problem.rule}" if problem.parameter else problem.rule
    return code, f'{message} (page "{problem.page}")', problem.status
