"""Who sends a request, and what that user may do. Users, roles and their policies live in moto's IAM and STS."""

import calendar
import functools
import hashlib
import json
import re
import secrets

from errors import ServiceError
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

ACCOUNT = "123456789012"

READ_ONLY_ACTIONS = [
    "*:Describe*", "*:Get*", "*:List*", "*:BatchGet*", "sagemaker:BatchDescribe*", "s3:HeadObject", "s3:HeadBucket",
]


class Caller:
    """One set of keys and what its owner may do.

    `policies()` gives the policy documents as they are now; None in its place allows everything. `used`: every action
    that was allowed is added to it."""

    def __init__(self, name, arn, access_key, secret, token=None, expires=None, policies=None, used=None):
        self.name = name
        self.arn = arn
        self.access_key = access_key
        self.secret = secret
        self.token = token
        self.expires = expires
        self.policies = policies
        self.used = set() if used is None else used

    def require(self, action, resource, context=None):
        """`context`: condition keys of this request, e.g. `iam:PassedToService`."""
        verdict = True if self.policies is None else allowed(self.policies(), action, resource, context or {})
        if verdict:
            self.used.add(action)
            return
        why = (
            f"because no identity-based policy allows the {action} action"
            if verdict is None
            else "with an explicit deny in an identity-based policy"
        )
        raise ServiceError(
            "AccessDeniedException",
            f"User: {self.arn} is not authorized to perform: {action} on resource: {resource} {why}",
        )


def allowed(documents, action, resource, context):
    """True: allowed. False: denied expressly. None: nothing allows it."""
    verdict = None
    for document in documents:
        for statement in listed(document.get("Statement")):
            if not concerns(statement, action, resource, context):
                continue
            if statement["Effect"] == "Deny":
                return False
            verdict = True
    return verdict


def concerns(statement, action, resource, context):
    if "NotAction" in statement:
        matches = not any(like(pattern, action, ignoring_case=True) for pattern in listed(statement["NotAction"]))
    else:
        matches = any(like(pattern, action, ignoring_case=True) for pattern in listed(statement.get("Action")))
    if "NotResource" in statement:
        matches = matches and not any(like(pattern, resource) for pattern in listed(statement["NotResource"]))
    else:
        matches = matches and any(like(pattern, resource) for pattern in listed(statement.get("Resource")))
    return matches and all(
        holds(operator, key, listed(values), context)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def holds(operator, key, values, context):
    actual = context.get(key)
    if operator.endswith("IfExists"):
        operator = operator[: -len("IfExists")]
        if actual is None:
            return True
    if operator in ("StringEquals", "ArnEquals"):
        return actual in values
    if operator in ("StringLike", "ArnLike"):
        return actual is not None and any(like(value, actual) for value in values)
    raise ValueError(f"the emulator does not know the condition operator {operator}")


def like(pattern, text, ignoring_case=False):
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL if ignoring_case else re.DOTALL) is not None


def documents_of(owner):
    """The policies of one of moto's users or roles."""
    inline = [json.loads(text) for text in owner.policies.values()]
    managed = [
        json.loads(next(version.document for version in policy.versions if version.is_default))
        for policy in owner.managed_policies.values()
    ]
    return inline + managed


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


class Identities:
    def __init__(self, clock, seed):
        self._clock = clock
        self._seed = seed
        self._temporary = {}
        self._expiries = {}
        # Name of a user -> actions that were allowed.
        self.used = {}
        self.administrator = self.user("emulator", {"Effect": "Allow", "Action": "*", "Resource": "*"})
        # What moto's instance metadata hands out.
        self._temporary["test-key"] = Caller(
            "instance", f"arn:aws:sts::{ACCOUNT}:assumed-role/instance/i-0", "test-key", "test-secret-key",
            "test-session-token",
        )
        self.reader = self.user("reader", {"Effect": "Allow", "Action": READ_ONLY_ACTIONS, "Resource": "*"})

    def user(self, name, statements):
        """Makes an IAM user with one inline policy, and its keys."""
        iam = self._iam
        iam.create_user(region_name="us-east-1", user_name=name)
        key = iam.create_access_key(user_name=name)
        # The same seed makes the same keys.
        digest = hashlib.sha256(f"{self._seed}/{name}".encode()).hexdigest()
        key.access_key_id = "AKIA" + digest[:16].upper()
        key.secret_access_key = digest[16:56]
        policy = {"Version": "2012-10-17", "Statement": listed(statements)}
        iam.put_user_policy(name, "policy", json.dumps(policy))
        return self._user(name, key)

    def temporary(self, seconds, name="emulator"):
        """Keys of a session of that user; `seconds` from now they answer with `ExpiredToken`."""
        owner = self._user(name, None)
        key = "ASIA" + secrets.token_hex(8).upper()
        secret, token = secrets.token_hex(20), secrets.token_hex(60)
        caller = Caller(name, owner.arn, key, secret, token, self._clock.now + seconds, owner.policies, owner.used)
        self._temporary[key] = caller
        return caller

    def caller(self, access_key):
        """None if nobody has that key."""
        if access_key in self._temporary:
            return self._temporary[access_key]
        for user in self._iam.users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key:
                    return self._user(user.name, key)
        for role in sts_backends[ACCOUNT]["aws"].assumed_roles:
            if role.access_key_id == access_key:
                return self._session(role)
        return None

    @property
    def _iam(self):
        return iam_backends[ACCOUNT]["aws"]

    def _user(self, name, key):
        user = self._iam.users[name]
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        policies = functools.partial(documents_of, user)
        used = self.used.setdefault(name, set())
        return Caller(name, arn, key and key.access_key_id, key and key.secret_access_key, policies=policies, used=used)

    def _session(self, session):
        """A role that nobody made may do everything: moto lets it be assumed, and most tests make no roles."""
        name = session.role_arn.split("/")[-1]
        role = self.role(session.role_arn)
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session.session_name}"
        key = session.access_key_id
        # In virtual time from when the session is first used: moto counts in real time.
        ends = self._clock.from_wire(calendar.timegm(session.expiration.utctimetuple()))
        expires = self._expiries.setdefault(key, ends)
        policies = role and role.policies
        return Caller(name, arn, key, session.secret_access_key, session.session_token, expires, policies)

    def role(self, arn):
        """None if nobody made it."""
        name = arn.split("/")[-1]
        for role in self._iam.roles.values():
            if role.name == name:
                return Caller(name, arn, None, None, policies=functools.partial(documents_of, role))
        return None
