"""Faults on the wire: which request meets one, and what happens to it."""

import wire
from errors import ServiceError

KINDS = {
    "throttle", "html500", "timeoutAfterEffect", "dropBefore", "expired", "repeatToken", "stale", "delay",
    "effectLater", "duplicateLater",
}
KEYS = {"service", "operation", "after", "count", "kind", "seconds", "user", "by"}
REPEATED_TOKEN = "repeated-token"


class Fault:
    def __init__(self, description):
        unknown = set(description) - KEYS
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(KEYS))}")
        if description.get("kind") not in KINDS:
            raise ValueError(f"no such kind of fault: {description.get('kind')}; there are {', '.join(sorted(KINDS))}")
        self.kind = description["kind"]
        # None: requests that come over the wire.
        self.by = description.get("by")
        if self.by not in (None, "cloudformation") or self.by and self.kind != "duplicateLater":
            raise ValueError('what a stack\'s work asks for ("by": "cloudformation") can only arrive again: duplicateLater')
        self.service = description.get("service", "*")
        self.operation = description.get("operation", "*")
        self.user = description.get("user")
        self.after = description.get("after", 0)
        # 0: for ever.
        self.count = description.get("count", 1)
        self.seconds = description.get("seconds", 0)
        self.met = 0

    @property
    def is_spent(self):
        return self.count != 0 and self.met >= self.after + self.count

    def meets(self, request):
        """Counts the request if it is of the kind that the fault is for; True if it is this one's turn."""
        return self.by is None and self._counts(request.service, request.operation, request.caller)

    def meets_work(self, service, operation, caller):
        """The same for what a stack's work asks for."""
        return self.by == "cloudformation" and self._counts(service, operation, caller)

    def _counts(self, service, operation, caller):
        if self.is_spent or self.service not in ("*", service):
            return False
        if self.operation.endswith("*"):
            fits = (operation or "").startswith(self.operation[:-1])
        else:
            fits = self.operation == operation
        if not fits or (self.user and (caller is None or caller.name != self.user)):
            return False
        self.met += 1
        return self.met > self.after


def fault_of(faults, request):
    """The first that this request meets. All of them count it."""
    met = [fault for fault in faults if fault.meets(request)]
    return met[0] if met else None


def html500():
    page = b"<html><head><title>500 Internal Server Error</title></head><body><h1>Oh no</h1></body></html>"
    return wire.Answer(500, {"Content-Type": "text/html"}, page)


# What a reader is told whom a creation has not reached yet.
NOT_YET_THERE = {
    "DescribeChangeSet": ("ChangeSetNotFound", "ChangeSet [{ChangeSetName}] does not exist", 404),
    "DescribeStacks": ("ValidationError", "Stack with id {StackName} does not exist", 400),
    "DescribeEndpoint": ("ValidationException", 'Could not find endpoint "{EndpointName}".', 400),
    "DescribeEndpointConfig": (
        "ValidationException", 'Could not find endpoint configuration "{EndpointConfigName}".', 400,
    ),
    "DescribeModelPackage": ("ValidationException", "ModelPackage {ModelPackageName} does not exist.", 400),
}


def stale(world, request):
    """The answer that was given to the same question last, or that there is nothing."""
    known = world.last_answers.get(question(request))
    if known is not None:
        return known
    code, message, status = NOT_YET_THERE.get(request.operation, ("ValidationException", "does not exist", 400))
    raise ServiceError(code, message.format_map(request.parameters), status)


def question(request):
    return (request.region, request.service, request.operation, repr(sorted(request.parameters.items())))
