"""Messages of a dead-letter queue back to where they came from."""

from __future__ import annotations

import json
from typing import Any

import moto.sqs.models as sqs_models

from .call import Answer, Call
from .chain import PassingInterceptor, Stage
from .emulator import Emulator
from .wire_errors import error_answer


class MessageMoves(PassingInterceptor):
    """
    Page "StartMessageMoveTask": from a queue that is the dead-letter queue of another one, back to that where no
    `DestinationArn` is given. All are moved at once here, as no page says how long that takes.
    """

    def before(self, call: Call) -> Answer | None:
        if (call.service, call.action) != ("sqs", "StartMessageMoveTask"):
            return None
        queues = sqs_models.sqs_backends[call.account][call.region].queues.values()
        source_arn = call.params["SourceArn"]
        source = _by_arn(queues, source_arn)
        if source is None:
            return error_answer(call, "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
        feeding = [queue for queue in queues if queue.dead_letter_queue is source]
        if not feeding:
            # Guess: the page names no error of its own for a queue that is nobody's dead-letter queue.
            return error_answer(call, "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
        # moto does not keep which queue a message was in before: where several feed this one, it is a guess.
        target = _by_arn(queues, call.params["DestinationArn"]) if "DestinationArn" in call.params else feeding[0]
        if target is None:
            return error_answer(call, "ResourceNotFoundException", "The resource that you specified for the DestinationArn parameter doesn't exist.")
        moved = source._messages
        source._messages = []
        for message in moved:
            message.visible_at = 0
            message.approximate_receive_count = 0
            target.add_message(message)
        body = json.dumps({"TaskHandle": f"moved-{len(moved)}-from-{source.name}"}).encode()
        return Answer(200, {"Content-Type": call.headers["content-type"]}, body)


def _by_arn(queues: Any, arn: str) -> Any:
    return next((queue for queue in queues if queue.queue_arn == arn), None)


def install(emulator: Emulator) -> None:
    emulator.intercept(Stage.SERVICE, MessageMoves())
