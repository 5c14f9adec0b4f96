"""The errors in errors.json, which the test programs in all languages share."""

import json
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import json_format, symbol_database

# These imports register the types in the modules.
from google.rpc import error_details_pb2  # noqa: F401
from interop.v1 import errors_pb2  # noqa: F401

UNLISTED = "interop.v1.Unlisted"


@dataclass
class SharedError:
    name: str
    code: int
    message: str
    details: list[dict] | None = None


def error_named(name):
    path = Path(__file__).parent.parent / "errors.json"
    errors = json.loads(path.read_text("utf-8"))["errors"]
    return next(SharedError(**error) for error in errors if error["name"] == name)


def type_name(detail):
    return detail["@type"].rpartition("/")[2]


def to_message(detail):
    """Converts a detail in errors.json to a message. Its type must be registered."""
    message = symbol_database.Default().GetSymbol(type_name(detail))()
    fields = {key: value for key, value in detail.items() if key != "@type"}
    return json_format.ParseDict(fields, message)
