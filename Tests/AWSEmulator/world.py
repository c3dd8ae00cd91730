"""Everything there is: the clock, the users, and each region's services."""

import random
import sys
import threading
import uuid

import actions
import options
import shapes
from clock import Clock
from errors import ServiceError
from identity import ACCOUNT, Identities
from moto.moto_api._internal.models import moto_api_backend
from wire import method_name


class Region:
    """One region's services. What they share is reached through here."""

    def __init__(self, world, name):
        # Here and not above: these modules know the world.
        from alarms import Alarms
        from changesets import ChangeSets
        from endpoints import Endpoints
        from hosting import Hosting
        from invocations import Invocations
        from metrics import Metrics
        from packages import Packages
        from quotas import Quotas
        from scaling import Scaling
        from stacks import Stacks

        self.world = world
        self.name = name
        self.clock = world.clock
        self.metrics = Metrics(self)
        self.alarms = Alarms(self)
        self.packages = Packages(self)
        self.hosting = Hosting(self)
        self.endpoints = Endpoints(self)
        self.invocations = Invocations(self)
        self.scaling = Scaling(self)
        self.stacks = Stacks(self)
        self.change_sets = ChangeSets(self)
        self.quotas = Quotas(self)
        self.services = {
            "sagemaker": [self.packages, self.hosting, self.endpoints],
            "sagemaker-runtime": [self.invocations],
            "cloudwatch": [self.metrics, self.alarms],
            "application-autoscaling": [self.scaling],
            "cloudformation": [self.stacks, self.change_sets],
            "service-quotas": [self.quotas],
        }
        self.clock.every_minute(self._minute)

    def _minute(self):
        """What the past minute's traffic did is known before the alarms look at it, and they before scaling does."""
        self.invocations.minute()
        self.alarms.minute()
        self.scaling.minute()

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.name}:{ACCOUNT}:{resource}"


class World:
    def __init__(self, seed=1, rate=1.0):
        self.seed = seed
        self.rate = rate
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        moto_api_backend.reset()
        self.clock = Clock(self.rate)
        self.random = random.Random(self.seed)
        self.options = options.fresh()
        self.identities = Identities(self.clock, self.seed)
        self.regions = {}
        self.log = []
        self.violations = []
        self.faults = []
        self.last_answers = {}

    def region(self, name):
        if name not in self.regions:
            self.regions[name] = Region(self, name)
        return self.regions[name]

    def violation(self, text):
        """Something that no correct client of AWS does."""
        self.violations.append(text)
        print(f"violation: {text}", file=sys.stderr, flush=True)

    def unique(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def perform(self, caller, region, service, operation, parameters):
        """Carries out one operation of ours with checked parameters, if `caller` may. Gives the answer's members."""
        actions.require(caller, service, operation, region, parameters)
        for part in self.region(region).services[service]:
            handler = getattr(part, method_name(operation), None)
            if handler is not None:
                return handler(parameters, caller) or {}
        raise ServiceError("UnknownOperationException", f"the emulator has no {service} {operation}")

    def check(self, service, operation, parameters):
        """Checks parameters that did not come over the wire, as a template's, whose scalars may all be text."""
        model = shapes.service_model(service).operation_model(operation)
        problems = shapes.Problems()
        checked = shapes.checked(model.input_shape, parameters, problems, self.clock, of_text=True)
        if problems.violations or problems.constraints:
            raise ServiceError("ValidationException", "; ".join(problems.violations + problems.constraints))
        return checked
