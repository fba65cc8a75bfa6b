"""The addresses of a stack's queues."""

from __future__ import annotations

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator


class QueueAddresses(PassingInterceptor):
    """
    Page "AWS::SQS::Queue", Return values: `Ref` returns the queue URL. It is the one that CreateQueue gives, whose host here
    is the emulator; moto's stacks have one of AWS's.
    """

    def after(self, call: Call, answer: Answer) -> Answer:
        if call.service != "cloudformation" or not call.action.startswith("DescribeStackResource"):
            return answer
        of_moto = f"https://sqs.{call.region}.amazonaws.com/".encode()
        body = answer.body.replace(of_moto, f"http://{call.headers['host']}/".encode())
        return Answer(answer.status, answer.headers | {"Content-Length": str(len(body))}, body)


def install(emulator: Emulator) -> None:
    emulator.intercept(Stage.SERVICE, QueueAddresses())
