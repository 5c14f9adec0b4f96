"""The errors in errors.json, which the test programs in all languages share."""

import json
from base64 import b64decode, b64encode
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import any_pb2, json_format, symbol_database

# These imports register the types in the modules.
from google.rpc import error_details_pb2  # noqa: F401
from interop.v1 import errors_pb2, unlisted_pb2  # noqa: F401


@dataclass
class SharedError:
    name: str
    code: int
    message: str
    details: list[dict] | None = None
    metadata: dict[str, list[str]] = field(default_factory=dict)

    def messages(self):
        """The details as messages."""
        return None if self.details is None else [to_message(detail) for detail in self.details]

    def metadata_pairs(self):
        """The trailing metadata as pairs."""
        return [
            (key, b64decode(value) if key.endswith("-bin") else value)
            for key, values in self.metadata.items()
            for value in values
        ]


ERRORS = [
    SharedError(**error)
    for error in json.loads((Path(__file__).parent.parent / "errors.json").read_text("utf-8"))["errors"]
]


def error_named(name):
    return next(error for error in ERRORS if error.name == name)


def to_message(detail):
    """Converts a detail in errors.json to a message."""
    message = symbol_database.Default().GetSymbol(detail["@type"].rpartition("/")[2])()
    fields = {key: value for key, value in detail.items() if key != "@type"}
    return json_format.ParseDict(fields, message)


def to_json(detail):
    """Converts a message to the form that it has in errors.json."""
    packed = any_pb2.Any()
    packed.Pack(detail)
    return json_format.MessageToDict(packed)


def received(code, message, details, metadata):
    """What has been received, in the form of errors.json. Leaves out metadata that libraries add themselves."""
    values = defaultdict(list)
    for key, value in metadata:
        if key.startswith("interop-"):
            values[key].append(b64encode(value).decode() if isinstance(value, bytes) else value)
    error = {"code": code, "message": message, "metadata": values}
    return error if details is None else {**error, "details": [to_json(detail) for detail in details]}
