"""The control API of tests, under /emulator/. `emulator.py` documents it."""

import json

import options
import shapes
import wire
from faults import Fault
from identity import ACCOUNT, listed
from moto.s3.models import s3_backends


def answer(world, request):
    name = request.path.removeprefix("/emulator/").strip("/")
    handler = HANDLERS.get((request.method, name))
    if handler is None:
        known = ", ".join(f"{method} /emulator/{path}" for method, path in HANDLERS)
        return reply(404, {"error": f"no {request.method} {request.path}; there are {known}"})
    with world.lock:
        if name != "reset":
            world.clock.catch_up()
        try:
            body = json.loads(request.body) if request.body else {}
            return reply(200, handler(world, body) or {})
        except KeyError as error:
            return reply(400, {"error": f"{error} is missing or unknown"})
        except Exception as error:  # Ours, moto's and those of a wrong type: a test did wrong and should hear it.
            return reply(400, {"error": f"{type(error).__name__}: {error}"})


def reply(status, body):
    return wire.Answer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


def region(world, body):
    return world.region(body.get("region", "us-east-1"))


def get_clock(world, body):
    clock = world.clock
    return {"virtual": clock.now, "wire": clock.wire_now, "rate": clock.rate, "skew": clock.skew}


def set_clock(world, body):
    unknown = set(body) - {"advance", "rate", "skew"}
    if unknown:
        raise ValueError(f"a clock has no {', '.join(sorted(unknown))}; it has advance, rate, skew")
    if body.get("advance", 0) < 0 or body.get("rate", 0) < 0:
        raise ValueError("time does not run backwards")
    if "rate" in body:
        world.clock.rate = world.rate = body["rate"]
    if "skew" in body:
        world.clock.skew = body["skew"]
    world.clock.advance(body.get("advance", 0))
    return get_clock(world, body)


def set_traffic(world, body):
    region(world, body).invocations.set_traffic(body["endpoint"], body["perMinute"])


def set_models(world, body):
    place = region(world, {"region": body.pop("region", "us-east-1")})
    for name, wanted in body.items():
        key = name
        if "/" in name:
            key = place.packages.package(name)["ModelPackageArn"]
        place.invocations.behaviours.of(key).change(wanted)


def set_faults(world, body):
    world.faults = [fault for fault in world.faults if not fault.is_spent] + [Fault(item) for item in listed(body)]


def get_faults(world, body):
    return {"faults": [
        {"service": fault.service, "operation": fault.operation, "kind": fault.kind, "met": fault.met,
         "spent": fault.is_spent}
        for fault in world.faults
    ]}


def clear_faults(world, body):
    world.faults = []


def set_options(world, body):
    options.change(world.options, body)
    return world.options


def get_options(world, body):
    return world.options


def set_quotas(world, body):
    place = region(world, {"region": body.pop("region", "us-east-1")})
    place.quotas.limits.update(body)


def make_credentials(world, body):
    caller = world.identities.temporary(body["seconds"], body.get("user", "emulator"))
    return {
        "accessKeyId": caller.access_key, "secretAccessKey": caller.secret, "sessionToken": caller.token,
        "expiration": shapes.iso8601(world.clock.to_wire(caller.expires)),
    }


def make_user(world, body):
    policy = body["policy"]
    caller = world.identities.user(body["name"], policy["Statement"])
    return {"accessKeyId": caller.access_key, "secretAccessKey": caller.secret, "arn": caller.arn}


def get_users(world, body):
    return {"users": {name: sorted(used) for name, used in world.identities.used.items()}}


def seed(world, body):
    """A group with its packages. What is not said of a package is made up."""
    place = region(world, body)
    caller = world.identities.administrator
    group = body["group"]

    def perform(operation, parameters):
        checked = world.check("sagemaker", operation, parameters)
        return world.perform(caller, place.name, "sagemaker", operation, checked)

    if group not in place.packages.groups:
        perform("CreateModelPackageGroup", {"ModelPackageGroupName": group})
    arns = []
    for version in body.get("versions", []):
        number = place.packages.next_version(group)
        metadata = {key: str(value) for key, value in version.get("metrics", {}).items()}
        metadata.update(version.get("metadata", {}))
        base = f"123456789012.dkr.ecr.{place.name}.amazonaws.com/{group}"
        folder = f"s3://models/{group}/{number}"
        container = {
            "Image": version.get("image", f"{base}:{number}"),
            "ModelDataUrl": version.get("modelDataUrl", f"{folder}/model.tar.gz"),
        }
        specification = {
            "Containers": [container], "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        }
        given = {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": version.get("status", "PendingManualApproval"),
            "InferenceSpecification": specification,
        }
        if metadata:
            given["CustomerMetadataProperties"] = metadata
        if version.get("description"):
            given["ModelPackageDescription"] = version["description"]
        if version.get("variants"):
            given["AdditionalInferenceSpecifications"] = [
                {"Name": name, "Containers": [{**container, "ModelDataUrl": f"{folder}/{name}.tar.gz"}]}
                for name in version["variants"]
            ]
        arn = perform("CreateModelPackage", given)["ModelPackageArn"]
        if "packageStatus" in version:
            place.packages.packages[arn]["ModelPackageStatus"] = version["packageStatus"]
        if "behaviour" in version:
            place.invocations.behaviours.of(arn).change(version["behaviour"])
        arns.append(arn)
    return {"group": place.packages.groups[group]["ModelPackageGroupArn"], "arns": arns}


def make_bucket(world, body):
    bucket = s3_backends[ACCOUNT]["aws"].create_bucket(body["name"], body.get("region", "us-east-1"))
    return {"name": bucket.name}


def get_log(world, body):
    return {"requests": world.log}


def get_violations(world, body):
    return {"violations": world.violations}


def get_state(world, body):
    """Of every region; the endpoints of the first region are at the top as well."""
    regions = {
        name: {
            "endpoints": {item.name: item.state() for item in place.endpoints.endpoints.values()},
            "alarms": {name: alarm.state for name, alarm in place.alarms.alarms.items()},
            "configurations": sorted(place.hosting.configurations),
            "models": sorted(place.hosting.models),
            "stacks": {stack.name: stack.status for stack in place.stacks.live},
        }
        for name, place in world.regions.items()
    }
    return {**regions.get("us-east-1", {"endpoints": {}}), "regions": regions}


def reset(world, body):
    world.reset()


HANDLERS = {
    ("GET", "clock"): get_clock,
    ("POST", "clock"): set_clock,
    ("POST", "traffic"): set_traffic,
    ("POST", "models"): set_models,
    ("GET", "faults"): get_faults,
    ("POST", "faults"): set_faults,
    ("DELETE", "faults"): clear_faults,
    ("GET", "options"): get_options,
    ("POST", "options"): set_options,
    ("POST", "quotas"): set_quotas,
    ("POST", "credentials"): make_credentials,
    ("POST", "users"): make_user,
    ("GET", "users"): get_users,
    ("POST", "buckets"): make_bucket,
    ("POST", "seed"): seed,
    ("GET", "log"): get_log,
    ("GET", "violations"): get_violations,
    ("GET", "state"): get_state,
    ("POST", "reset"): reset,
}
