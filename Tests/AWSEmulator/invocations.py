"""SageMaker Runtime, synthetic traffic, and the metrics that both leave."""

from behaviours import Behaviours
from errors import ServiceError, validation_error
from instances import cores
from metrics import Datum

PAYLOAD_MAX = 25 * 1024 * 1024
OVERHEAD_MICROSECONDS = 5000.0


class Load:
    """What one variant of one fleet got in the present minute."""

    def __init__(self):
        self.requests = 0
        self.errors_4xx = 0
        self.errors_5xx = 0
        self.latencies = []

    def count(self, status, latency, times=1):
        """`latency` in microseconds."""
        self.requests += times
        if 400 <= status < 500:
            self.errors_4xx += times
        elif status >= 500:
            self.errors_5xx += times
        self.latencies.append((latency, times))


class Invocations:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self._random = region.world.random
        self.behaviours = Behaviours()
        self._traffic = {}
        self._owed = {}
        self._loads = {}

    def set_traffic(self, endpoint, per_minute):
        self._traffic[endpoint] = per_minute

    # --- One request -------------------------------------------------------------------------------------------------

    def invoke_endpoint(self, parameters, caller):
        name = parameters["EndpointName"]
        endpoint = self._region.endpoints.endpoints.get(name)
        if endpoint is None:
            raise validation_error(f"Endpoint {name} of account {caller.arn.split(':')[4]} not found.")
        if len(parameters.get("Body", b"")) > PAYLOAD_MAX:
            raise ServiceError("ValidationError", "The request payload is too large.", 413)
        if not endpoint.serving:
            raise validation_error(f"Endpoint {name} is not in service: it is {endpoint.status}.")
        fleet = self._drawn(endpoint.serving)
        variant = self._variant(fleet, parameters.get("TargetVariant"))
        behaviour = self.behaviours.of(variant.behaviour_key)
        if behaviour.not_ready > 0:
            behaviour.change({"notReady": behaviour.not_ready - 1})
            raise ServiceError("ModelNotReadyException", "The model is not ready for inference yet.", 429)
        status = behaviour.error_status if self._random.random() < behaviour.error_rate else 200
        self._load(endpoint, fleet, variant).count(status, self._latency(behaviour))
        if status != 200:
            raise self._model_error(endpoint, variant, behaviour)
        content_type, body = behaviour.response(variant.package)
        return {
            "Body": body,
            "ContentType": content_type,
            "InvokedProductionVariant": variant.name,
            "CustomAttributes": parameters.get("CustomAttributes"),
            "_delay": behaviour.delay_seconds,
        }

    def _drawn(self, serving):
        draw = self._random.random()
        for fleet, share in serving:
            draw -= share
            if draw < 0:
                return fleet
        return serving[-1][0]

    def _variant(self, fleet, target):
        if target is None:
            variants = list(fleet.variants.values())
            return self._random.choices(variants, [variant.weight for variant in variants])[0]
        if target not in fleet.variants:
            raise validation_error(f"Variant {target} not found.")
        return fleet.variants[target]

    @staticmethod
    def _model_error(endpoint, variant, behaviour):
        status = behaviour.error_status
        message = (
            f"Received {'server' if status >= 500 else 'client'} error ({status}) from primary with message "
            f'"{behaviour.error_body}". See CloudWatch Logs for more information.'
        )
        fields = {
            "OriginalStatusCode": status,
            "OriginalMessage": behaviour.error_body,
            "LogStreamArn": f"arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/{endpoint.name}",
        }
        return ServiceError("ModelError", message, 424, fields)

    def _latency(self, behaviour):
        return behaviour.latency_ms * 1000 * (0.9 + 0.2 * self._random.random())

    def _load(self, endpoint, fleet, variant):
        key = (endpoint.name, fleet, variant.name)
        return self._loads.setdefault(key, Load())

    # --- Every minute ------------------------------------------------------------------------------------------------

    def minute(self):
        for name, per_minute in sorted(self._traffic.items()):
            endpoint = self._region.endpoints.endpoints.get(name)
            if endpoint is not None:
                self._send(endpoint, per_minute)
        loads, self._loads = self._loads, {}
        for name in sorted({name for name, _, _ in loads}):
            endpoint = self._region.endpoints.endpoints.get(name)
            if endpoint is not None:
                self._publish(endpoint, {key[1:]: load for key, load in loads.items() if key[0] == name})

    def _send(self, endpoint, per_minute):
        """Synthetic requests, divided exactly by share and weight over time."""
        for fleet, share in endpoint.serving:
            weights = sum(variant.weight for variant in fleet.variants.values())
            for variant in fleet.variants.values():
                key = (endpoint.name, fleet.name, variant.name)
                owed = self._owed.get(key, 0.0) + per_minute * share * variant.weight / weights
                requests = int(owed + 1e-9)
                self._owed[key] = owed - requests
                self._count(endpoint, fleet, variant, requests)

    def _count(self, endpoint, fleet, variant, requests):
        if requests == 0:
            return
        behaviour = self.behaviours.of(variant.behaviour_key)
        errors = behaviour.errors_of(requests)
        load = self._load(endpoint, fleet, variant)
        # A sample of latencies stands for all of them.
        samples = min(20, requests)
        for index in range(samples):
            share = requests // samples + (1 if index < requests % samples else 0)
            load.count(200, self._latency(behaviour), share)
        if behaviour.error_status >= 500:
            load.errors_5xx += errors
        else:
            load.errors_4xx += errors

    def _publish(self, endpoint, loads):
        """Both sets of dimensions: of the endpoint's variant, and of the new fleet alone while a deployment runs."""
        new = endpoint.deployment and endpoint.deployment.green
        instances = {
            variant.name: max(1, variant.current) for variant in endpoint.blue.variants.values()
        }
        merged = {}
        for (fleet, name), load in loads.items():
            merged.setdefault(name, []).append(load)
            if fleet is new:
                dimensions = {"EndpointName": endpoint.name, "VariantName": name, "EndpointConfigName": fleet.name}
                self._emit(dimensions, [load], max(1, fleet.variants[name].current))
        for name, parts in merged.items():
            dimensions = {"EndpointName": endpoint.name, "VariantName": name}
            self._emit(dimensions, parts, instances.get(name, 1))
            self._emit_usage(endpoint, name, dimensions, loads, instances.get(name, 1))

    def _emit(self, dimensions, loads, instances):
        requests = sum(load.requests for load in loads)
        if requests == 0:
            return
        errors = {
            "Invocation4XXErrors": sum(load.errors_4xx for load in loads),
            "Invocation5XXErrors": sum(load.errors_5xx for load in loads),
        }
        errors["InvocationModelErrors"] = sum(errors.values())
        samples = {
            "Invocations": [(1, requests)],
            "InvocationsPerInstance": [(1 / instances, requests)],
            "ModelLatency": [sample for load in loads for sample in load.latencies],
            "OverheadLatency": [(OVERHEAD_MICROSECONDS, requests)],
        }
        for name, count in errors.items():
            samples[name] = [pair for pair in ((0, requests - count), (1, count)) if pair[1]]
        for name, values in samples.items():
            self._region.metrics.add("AWS/SageMaker", name, dimensions, self._clock.now - 60, Datum(samples=values))

    def _emit_usage(self, endpoint, name, dimensions, loads, instances):
        """CPUUtilization adds up the cores: 400 is all of four."""
        busy = 0.0
        most = 0
        for (fleet, variant_name), load in loads.items():
            if variant_name == name:
                variant = fleet.variants[name]
                busy += load.requests * self.behaviours.of(variant.behaviour_key).cpu_per_request
                most = max(most, cores(variant.instance_type))
        percent = min(most * 100.0, busy / 60 / instances * 100)
        usage = {"CPUUtilization": percent, "MemoryUtilization": 30.0, "DiskUtilization": 10.0}
        for metric, value in usage.items():
            datum = Datum(samples=[(value, 1)])
            self._region.metrics.add("/aws/sagemaker/Endpoints", metric, dimensions, self._clock.now - 60, datum)
