"""The protocols: which operation a request asks for, its parameters, and how an answer or an error goes out.

awsJson 1.0 and 1.1 (SageMaker, CloudWatch, Application Auto Scaling, Service Quotas), query with XML (CloudFormation,
CloudWatch) and rest-json (InvokeEndpoint) are spoken here. Everything else is moto's: of that, only the operation's
name and, where it is simple, its parameters are read.
"""

import functools
import gzip
import json
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import shapes
from botocore import xform_name

TARGETS = {
    "SageMaker": "sagemaker",
    "AnyScaleFrontendService": "application-autoscaling",
    "GraniteServiceVersion20100801": "cloudwatch",
    "ServiceQuotasV20190624": "service-quotas",
}
VERSIONS = {"2010-05-15": "cloudformation", "2010-08-01": "cloudwatch", "2011-06-15": "sts", "2010-05-08": "iam"}
# What the emulator answers itself.
OWN = {"sagemaker", "sagemaker-runtime", "application-autoscaling", "cloudwatch", "cloudformation", "service-quotas"}


class Request:
    """One HTTP request, and what it turned out to ask for (`service`, `operation`, `protocol`, `parameters`)."""

    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.service = None
        self.operation = None
        self.protocol = None
        self.parameters = {}
        self.region = "us-east-1"
        self.caller = None

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None

    @property
    def plain_body(self):
        return gzip.decompress(self.body) if self.header("content-encoding") == "gzip" else self.body


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


def recognise(request, scope_service):
    """Fills in service, operation and protocol. `scope_service`: by the signing name in the scope, or None."""
    target = request.header("x-amz-target")
    content_type = request.header("content-type") or ""
    parts = request.path.strip("/").split("/")
    if target:
        prefix, _, request.operation = target.partition(".")
        request.service = TARGETS.get(prefix, scope_service or prefix)
        request.protocol = "json"
    elif len(parts) == 3 and parts[0] == "endpoints" and parts[2].startswith("invocations"):
        request.service = "sagemaker-runtime"
        request.operation = {
            "invocations": "InvokeEndpoint",
            "invocations-response-stream": "InvokeEndpointWithResponseStream",
        }.get(parts[2])
        request.protocol = "rest-json"
    elif content_type.startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(request.plain_body.decode("utf-8", "replace")))
        request.service = VERSIONS.get(form.get("Version"), scope_service)
        request.operation = form.get("Action")
        request.protocol = "query"
    else:
        request.service = scope_service or "s3"
        request.protocol = "rest-xml"
        if request.service == "s3":
            request.operation = s3_operation(request)


def s3_operation(request):
    """By method and path, and the query keys and headers that tell operations of one path apart."""
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    kind = "object" if key else "bucket" if bucket else "service"
    request.parameters = {name: value for name, value in (("Bucket", bucket), ("Key", key)) if value}
    request.parameters.update({name: value for name, value in query.items() if value})
    best, best_weight = None, -1
    for name, method, form, needed in s3_forms():
        if method != request.method or form != kind:
            continue
        if all(query.get(key) == value if value else key in query for key, value in needed.items()):
            weight = 2 * len(needed) + (1 if name.endswith("V2") and "list-type" in query else 0)
            if "Copy" in name:
                weight = weight + 1 if request.header("x-amz-copy-source") else -2
            if weight > best_weight:
                best, best_weight = name, weight
    return best


@functools.lru_cache(maxsize=None)
def s3_forms():
    """[(operation, method, kind of path, {query key that it needs: value or ""})]"""
    forms = []
    model = shapes.service_model("s3")
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, literal = operation.http["requestUri"].partition("?")
        needed = dict(parse_qsl(literal, keep_blank_values=True))
        members = operation.input_shape.members if operation.input_shape else {}
        for member in operation.input_shape.required_members if operation.input_shape else []:
            if members[member].serialization.get("location") == "querystring":
                needed.setdefault(members[member].serialization["name"], "")
        form = "object" if "{Key+}" in path else "bucket" if "{Bucket}" in path else "service"
        if not path.startswith("/WriteGet"):
            forms.append((name, operation.http["method"], form, needed))
    return forms


def parse(request, model, problems, clock):
    """The parameters of a recognised request, by its operation's model."""
    shape = model.input_shape
    if request.protocol == "json":
        given = _json(request.plain_body, problems)
        return shapes.checked(shape, given, problems, clock) if shape else given
    if request.protocol == "query":
        pairs = dict(parse_qsl(request.plain_body.decode(), keep_blank_values=True, strict_parsing=False))
        for name in ("Action", "Version"):
            pairs.pop(name, None)
        given = _from_query(shape, pairs, "") if shape else {}
        for name in pairs:
            problems.violation(name, f"{model.name} has no such parameter")
        return shapes.checked(shape, given or {}, problems, clock, of_text=True) if shape else {}
    return _from_rest(request, model, problems, clock)


def _json(body, problems):
    try:
        given = json.loads(body or b"{}")
        if isinstance(given, dict):
            return given
        problems.violation("", "the body is not a JSON object")
    except ValueError as error:
        problems.violation("", f"the body is not JSON: {error}")
    return {}


def _from_query(shape, pairs, prefix):
    """Takes what belongs to `shape` out of `pairs`; None if nothing does."""
    kind = shape.type_name
    if kind == "structure":
        found = {}
        for name, member in shape.members.items():
            key = member.serialization.get("name", name)
            value = _from_query(member, pairs, f"{prefix}.{key}" if prefix else key)
            if value is not None:
                found[name] = value
        return found or None
    if kind in ("list", "map"):
        if pairs.get(prefix) == "":
            del pairs[prefix]
            return [] if kind == "list" else {}
        flat = shape.serialization.get("flattened")
        items = [] if kind == "list" else {}
        word = shape.member.serialization.get("name", "member") if kind == "list" else "entry"
        for index in range(1, 1 + len(pairs)):
            place = f"{prefix}.{index}" if flat else f"{prefix}.{word}.{index}"
            if kind == "list":
                item = _from_query(shape.member, pairs, place)
                if item is None:
                    break
                items.append(item)
            else:
                key = _from_query(shape.key, pairs, place + "." + shape.key.serialization.get("name", "key"))
                if key is None:
                    break
                word_of_value = shape.value.serialization.get("name", "value")
                items[key] = _from_query(shape.value, pairs, f"{place}.{word_of_value}")
        return items or None
    return pairs.pop(prefix, None)


def _from_rest(request, model, problems, clock):
    given = {}
    pattern = model.http["requestUri"].split("?")[0].strip("/").split("/")
    for part, actual in zip(pattern, request.path.strip("/").split("/")):
        if part.startswith("{"):
            given[part.strip("{}+")] = unquote(actual)
    payload = model.input_shape.serialization.get("payload")
    for name, member in model.input_shape.members.items():
        place = member.serialization
        if place.get("location") == "header":
            value = request.header(place["name"].lower())
            if value is not None:
                given[name] = value
        elif name == payload:
            given[name] = request.body
    return shapes.checked(model.input_shape, given, problems, clock, of_text=True)


def answer(request, model, result, clock, request_id):
    """`result`: the members of the output shape by their names in the model."""
    shape = model.output_shape
    if request.protocol == "json":
        version = model.service_model.metadata.get("jsonVersion", "1.1")
        body = json.dumps(shapes.shown(shape, result, clock)).encode() if shape else b""
        headers = {"Content-Type": f"application/x-amz-json-{version}", "x-amzn-RequestId": request_id}
        return Answer(200, headers, body)
    if request.protocol == "query":
        namespace = model.service_model.metadata.get("xmlNamespace", "")
        content = _xml(shape, shapes.shown(shape, result, clock)) if shape else ""
        wrapper = shape.serialization.get("resultWrapper", f"{model.name}Result") if shape else None
        text = (
            f'<{model.name}Response xmlns="{namespace}">'
            + (f"<{wrapper}>{content}</{wrapper}>" if wrapper else "")
            + f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{model.name}Response>"
        )
        return Answer(200, {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}, text.encode())
    headers = {"x-amzn-RequestId": request_id}
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header" and result.get(name) is not None:
            headers[member.serialization["name"]] = result[name]
    return Answer(200, headers, result.get(shape.serialization.get("payload"), b""))


def _xml(shape, value):
    """`value` as `shapes.shown` left it."""
    kind = shape.type_name
    if kind == "structure":
        return "".join(
            _element(shape.members[name].serialization.get("name", name), shape.members[name], item)
            for name, item in value.items()
        )
    if kind == "list":
        word = shape.member.serialization.get("name", "member")
        return "".join(_element(word, shape.member, item) for item in value)
    if kind == "map":
        return "".join(
            f"<entry>{_element('key', shape.key, key)}{_element('value', shape.value, item)}</entry>"
            for key, item in value.items()
        )
    if kind == "timestamp":
        return shapes.iso8601(value)
    if kind == "boolean":
        return "true" if value else "false"
    return escape(str(value))


def _element(name, shape, value):
    return f"<{name}>{_xml(shape, value)}</{name}>"


# What the services call the same refusal: (JSON, query, S3), each with its HTTP status.
REFUSALS = {
    "SignatureDoesNotMatch": (
        ("InvalidSignatureException", 400),
        ("SignatureDoesNotMatch", 403),
        ("SignatureDoesNotMatch", 403),
    ),
    "UnknownKey": (
        ("UnrecognizedClientException", 400),
        ("InvalidClientTokenId", 403),
        ("InvalidAccessKeyId", 403),
    ),
    "ExpiredToken": (("ExpiredTokenException", 400), ("ExpiredToken", 403), ("ExpiredToken", 400)),
    "MissingToken": (
        ("MissingAuthenticationTokenException", 400),
        ("MissingAuthenticationToken", 403),
        ("AccessDenied", 403),
    ),
    "TimeSkewed": (
        ("InvalidSignatureException", 400),
        ("SignatureDoesNotMatch", 403),
        ("RequestTimeTooSkewed", 403),
    ),
    "AccessDeniedException": (("AccessDeniedException", 400), ("AccessDenied", 403), ("AccessDenied", 403)),
    "Throttled": (("ThrottlingException", 400), ("Throttling", 400), ("SlowDown", 503)),
}


def error_answer(request, error, request_id):
    """An error in the words of the request's protocol."""
    column = {"query": 1, "rest-xml": 2}.get(request.protocol, 0)
    code, status = REFUSALS.get(error.code, [(error.code, error.status)] * 3)[column]
    headers = {"x-amzn-RequestId": request_id, **error.headers}
    if request.protocol == "query":
        kind = "Receiver" if status >= 500 else "Sender"
        body = (
            '<ErrorResponse><Error>'
            f"<Type>{kind}</Type><Code>{code}</Code><Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Answer(status, {"Content-Type": "text/xml", **headers}, body.encode())
    if request.protocol == "rest-xml":
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{code}</Code><Message>{escape(error.message)}</Message><RequestId>{request_id}</RequestId>"
            "</Error>"
        )
        headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id, **error.headers}
        return Answer(status, headers, b"" if request.method == "HEAD" else body.encode())
    if request.protocol == "rest-json":
        kind = f"{code}:http://internal.amazon.com/coral/"
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": kind, **headers}
        return Answer(status, headers, json.dumps({"Message": error.message, **error.fields}).encode())
    version, written = "1.1", code
    if request.service == "cloudwatch":
        version = "1.0"
        written = f"com.amazonaws.cloudwatch.v2010_08_01#{code}"
        headers["x-amzn-query-error"] = f"{code};{'Receiver' if status >= 500 else 'Sender'}"
    body = {"__type": written, "message": error.message, **error.fields}
    return Answer(status, {"Content-Type": f"application/x-amz-json-{version}", **headers}, json.dumps(body).encode())


def check_xml_body(request, model, problems):
    """The parts of an XML body that the model knows; moto reads it again for itself."""
    payload = model.input_shape.serialization.get("payload") if model.input_shape else None
    shape = model.input_shape.members.get(payload) if payload else None
    if shape is None or shape.type_name != "structure" or not request.body:
        return
    try:
        _check_element(shape, ElementTree.fromstring(request.body), problems, payload)
    except ElementTree.ParseError as error:
        problems.violation(payload, f"is not XML: {error}")


def _check_element(shape, element, problems, path):
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        member = members.get(tag)
        if member is None:
            problems.violation(f"{path}.{tag}", f"{shape.name} has no such member")
            continue
        if member.type_name == "list" and member.serialization.get("flattened"):
            member = member.member
        if member.type_name == "structure":
            _check_element(member, child, problems, f"{path}.{tag}")


def method_name(operation):
    return xform_name(operation)
