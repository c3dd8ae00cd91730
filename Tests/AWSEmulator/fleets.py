"""Instances that serve one endpoint configuration."""


class Variant:
    """One production variant of a fleet, and what it serves."""

    def __init__(self, definition, count, weight, model, package, specification):
        self.definition = definition
        self.name = definition["VariantName"]
        self.weight = weight
        self.desired = count
        self.current = 0
        # Names, as they were when the fleet was launched: a model may be deleted while it serves.
        self.model = model
        self.package = package
        self.specification = specification
        self.status = None

    @property
    def behaviour_key(self):
        return self.package or self.model

    @property
    def instance_type(self):
        return self.definition.get("InstanceType")


class Fleet:
    def __init__(self, configuration, hosting, counts=None, weights=None):
        """`counts`, `weights`: of variants that keep theirs instead of the configuration's."""
        self.configuration = configuration
        self.name = configuration["EndpointConfigName"]
        self.variants = {}
        for definition in configuration["ProductionVariants"]:
            name = definition["VariantName"]
            package, specification = hosting.package_of(definition["ModelName"])
            self.variants[name] = Variant(
                definition,
                (counts or {}).get(name, definition.get("InitialInstanceCount", 1)),
                (weights or {}).get(name, definition["InitialVariantWeight"]),
                definition["ModelName"],
                package,
                specification,
            )

    @property
    def instances(self):
        return sum(variant.desired for variant in self.variants.values())

    def launch(self, part=1.0):
        """Brings up a part of the instances; down to it, if there are more."""
        for variant in self.variants.values():
            variant.current = round(variant.desired * part)

    def say(self, status, message, moment):
        """What DescribeEndpoint shows of each variant's progress; None when there is nothing to say."""
        for variant in self.variants.values():
            variant.status = status and {"Status": status, "StatusMessage": message, "StartTime": moment}

    def starts(self, behaviours):
        """The name of a variant that never gets healthy, or None."""
        for variant in self.variants.values():
            if behaviours.of(variant.behaviour_key).fails_to_start:
                return variant.name
        return None
