"""Scenarios' calls through boto3."""

import base64
import contextlib
from datetime import datetime, timedelta, timezone

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, EventStreamError, ProxyConnectionError

from matcher import Mismatch, Unsendable

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Boto3:
    """Sends `call` steps through boto3, which converts blobs and timestamps both ways. `connect` makes a client."""

    def __init__(self, connect):
        self.connect = connect
        self.clients = {}

    def client(self, service, region, access_key_id):
        who = service, region or "us-east-1", access_key_id or "test"
        if who not in self.clients:
            self.clients[who] = self.connect(
                service,
                region_name=who[1],
                aws_access_key_id=who[2],
                config=Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1},
                    # Whatever botocore thinks, nothing leaves this machine.
                    proxies={"https": "http://127.0.0.1:9"},
                ),
            )
        return self.clients[who]

    def subscribe(self, operation, arguments, step):
        """The events of a streamed answer, as many as are asked for."""
        status, answer = self.call(operation, arguments, step)
        if status != 200:
            raise Mismatch(f"a streamed answer expected, found {answer}")
        return self.events(answer["EventStream"])

    @staticmethod
    def events(stream):
        try:
            for event in stream:
                yield from_boto(event)
        except EventStreamError as error:
            yield {error.response["Error"]["Code"]: {"message": error.response["Error"]["Message"]}}

    def call(self, operation, arguments, step):
        service, _, name = operation.rpartition(".")
        client = self.client(service.lower() or "kinesis", step.get("region"), step.get("access_key_id"))
        shapes = client.meta.service_model.operation_model(name)
        converted = to_boto(arguments, shapes.input_shape)
        try:
            answer = getattr(client, xform_name(name))(**converted)
        except ClientError as error:
            body = {"__type": error.response["Error"]["Code"]}
            # boto3 has an empty message where there is none.
            if error.response["Error"]["Message"]:
                body["message"] = error.response["Error"]["Message"]
            return error.response["ResponseMetadata"]["HTTPStatusCode"], body
        except (EndpointConnectionError, ProxyConnectionError) as error:
            # Endpoint rules have a host of AWS for what names a stream by its id, whatever endpoint is given.
            raise Unsendable(f"{name}: {error}") from error
        except (TypeError, AttributeError, ValueError) as error:
            raise Unsendable(f"{name}: {error}") from error
        status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        return status, from_boto(answer)


def to_boto(value, shape):
    """A value of the wire as boto3 takes it."""
    kind = shape.type_name if shape else None
    if kind == "structure" and isinstance(value, dict):
        unknown = set(value) - set(shape.members)
        if unknown:
            raise Unsendable(f"the service model has no {', '.join(sorted(unknown))}")
        return {member: to_boto(inner, shape.members[member]) for member, inner in value.items()}
    if kind == "list" and isinstance(value, list):
        return [to_boto(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {member: to_boto(inner, shape.value) for member, inner in value.items()}
    if kind == "blob":
        with contextlib.suppress(TypeError, ValueError):
            data = base64.b64decode(value, validate=True)
            if base64.b64encode(data).decode() == value:
                return data
        raise Unsendable("boto3 writes base64 itself")
    if kind == "timestamp" and type(value) in (int, float):
        with contextlib.suppress(OverflowError):
            return EPOCH + timedelta(milliseconds=round(value * 1000))
    return value


def from_boto(value):
    """A value of boto3 as on the wire."""
    if isinstance(value, dict):
        return {member: from_boto(inner) for member, inner in value.items()}
    if isinstance(value, list):
        return [from_boto(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000) / 1000
    return value
