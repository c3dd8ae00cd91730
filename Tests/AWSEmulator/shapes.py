"""Values checked against, and shaped by, botocore's service models. Inside, a timestamp is a float of virtual time."""

import base64
import datetime
import functools
import re

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.utils import parse_timestamp

NUMBERS = {"integer": int, "long": int, "float": float, "double": float, "bigdecimal": float}


@functools.lru_cache(maxsize=None)
def service_model(name):
    """None if botocore knows no such service."""
    if name not in available_services():
        return None
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


@functools.lru_cache(maxsize=None)
def available_services():
    return frozenset(Loader().list_available_services("service-2"))


class Problems:
    """What is wrong with a request. `violations` can only come of a client that does not know the API;
    `constraints` may come of what its user wrote."""

    def __init__(self):
        self.violations = []
        self.constraints = []

    def violation(self, path, text):
        self.violations.append(f"{path or 'request'}: {text}")

    def constraint(self, value, path, text):
        self.constraints.append(f"Value '{value}' at '{path}' failed to satisfy constraint: {text}")


def checked(shape, value, problems, clock, path="", of_text=False):
    """`value` with timestamps turned into virtual time. What is wrong with it goes into `problems`.

    `of_text`: scalars may be text and are converted, as the query protocol and CloudFormation's templates have it."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value, problems, clock, path, of_text)
    if kind == "list":
        if not isinstance(value, list):
            return problems.violation(path, f"must be a list, is {_named(value)}")
        _length(shape, value, problems, path)
        return [
            checked(shape.member, item, problems, clock, f"{path}.{index + 1}.member" if path else str(index), of_text)
            for index, item in enumerate(value)
        ]
    if kind == "map":
        if not isinstance(value, dict):
            return problems.violation(path, f"must be a map, is {_named(value)}")
        _length(shape, value, problems, path)
        for key in value:
            checked(shape.key, key, problems, clock, f"{path}.{key}")
        return {
            key: checked(shape.value, item, problems, clock, f"{path}.{key}", of_text) for key, item in value.items()
        }
    return _scalar(shape, value, problems, clock, path, of_text)


def _structure(shape, value, problems, clock, path, of_text):
    if not isinstance(value, dict):
        return problems.violation(path, f"must be a structure, is {_named(value)}")
    within = f"{path}." if path else ""
    result = {}
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            problems.violation(within + name, f"{shape.name} has no such member")
        elif item is not None:
            result[name] = checked(member, item, problems, clock, within + name, of_text)
    for name in shape.required_members:
        if value.get(name) is None:
            problems.violation(within + name, "is required and missing")
    if getattr(shape, "is_tagged_union", False) and len(result) != 1:
        problems.violation(path, "is a union: exactly one member must be set")
    return result


def _scalar(shape, value, problems, clock, path, of_text):
    kind = shape.type_name
    if kind in NUMBERS:
        if of_text and isinstance(value, str):
            try:
                value = NUMBERS[kind](value)
            except ValueError:
                return problems.violation(path, f"must be a number, is {value!r}")
        if value in ("NaN", "Infinity", "-Infinity"):
            value = float(value)  # JSON has no words for them.
        whole = kind in ("integer", "long")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            return problems.violation(path, f"must be {kind}, is {_named(value)}")
        _range(shape, value, problems, path)
        return value
    if kind == "boolean":
        if of_text and value in ("true", "false"):
            value = value == "true"
        if not isinstance(value, bool):
            problems.violation(path, f"must be true or false, is {_named(value)}")
        return value
    if kind == "timestamp":
        return _timestamp(value, problems, clock, path)
    if kind == "blob":
        return value if isinstance(value, bytes) else _blob(value, problems, path)
    if of_text and isinstance(value, (int, float)):
        value = str(value).lower() if isinstance(value, bool) else f"{value}"
    if not isinstance(value, str):
        return problems.violation(path, f"must be a string, is {_named(value)}")
    _text(shape, value, problems, path)
    return value


def _timestamp(value, problems, clock, path):
    try:
        return clock.from_wire(parse_timestamp(value).timestamp())
    except (ValueError, TypeError, OverflowError):
        problems.violation(path, f"is not a timestamp: {value!r}")


def _blob(value, problems, path):
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        problems.violation(path, "is not base64")


def _text(shape, value, problems, path):
    if shape.enum and value not in shape.enum:
        problems.constraint(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    _length(shape, value, problems, path)
    pattern = shape.metadata.get("pattern")
    if pattern:
        try:
            fits = re.fullmatch(pattern, value, re.DOTALL)
        except re.error:
            return  # A class of characters that Python has no word for.
        if not fits:
            problems.constraint(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _length(shape, value, problems, path):
    if len(value) < shape.metadata.get("min", 0):
        problems.constraint(value, path, f"Member must have length greater than or equal to {shape.metadata['min']}")
    if len(value) > shape.metadata.get("max", len(value)):
        problems.constraint(value, path, f"Member must have length less than or equal to {shape.metadata['max']}")


def _range(shape, value, problems, path):
    if value < shape.metadata.get("min", value):
        problems.constraint(value, path, f"Member must have value greater than or equal to {shape.metadata['min']}")
    if value > shape.metadata.get("max", value):
        problems.constraint(value, path, f"Member must have value less than or equal to {shape.metadata['max']}")


def _named(value):
    return f"{type(value).__name__} {value!r}"[:80]


def shown(shape, value, clock, path="answer"):
    """An answer as JSON. A member that the model does not have is our own mistake."""
    kind = shape.type_name
    if kind == "structure":
        unknown = [name for name in value if name not in shape.members]
        if unknown:
            raise AssertionError(f"{path}: {shape.name} has no {', '.join(unknown)}")
        return {
            name: shown(shape.members[name], item, clock, f"{path}.{name}")
            for name, item in value.items()
            if item is not None
        }
    if kind == "list":
        return [shown(shape.member, item, clock, path) for item in value]
    if kind == "map":
        return {key: shown(shape.value, item, clock, path) for key, item in value.items()}
    if kind == "timestamp":
        return round(clock.to_wire(value), 3)
    return value


def iso8601(wire):
    moment = datetime.datetime.fromtimestamp(wire, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
