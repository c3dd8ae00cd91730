"""SageMaker's models and endpoint configurations."""

from errors import validation_exception
from pages import page


class Hosting:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self.models = {}
        self.configurations = {}

    # --- Models ------------------------------------------------------------------------------------------------------

    def create_model(self, parameters, caller):
        name = parameters["ModelName"]
        arn = self._region.arn("sagemaker", f"model/{name.lower()}")
        if name in self.models:
            raise validation_exception(f'Cannot create already existing model "{arn}".')
        containers = parameters.get("Containers") or [parameters.get("PrimaryContainer")]
        if containers == [None]:
            raise validation_exception("Either PrimaryContainer or Containers must be given.")
        if "Containers" in parameters and "PrimaryContainer" in parameters:
            raise validation_exception("PrimaryContainer and Containers must not both be given.")
        for container in containers:
            self._check_container(container)
        role = parameters.get("ExecutionRoleArn")
        if role is None:
            raise validation_exception("ExecutionRoleArn is required to create a model.")
        caller.require("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})
        self.models[name] = {
            **{key: value for key, value in parameters.items() if key != "Tags"},
            "ModelArn": arn,
            "CreationTime": self._clock.now,
        }
        self._region.packages.tag(arn, parameters.get("Tags"))
        return {"ModelArn": arn}

    def _check_container(self, container):
        package = container.get("ModelPackageName")
        if (package is None) == (container.get("Image") is None):
            raise validation_exception("A container needs either an Image or a ModelPackageName, and not both.")
        if package is None:
            return
        found = self._region.packages.package(package)
        status = found["ModelApprovalStatus"]
        if status != "Approved":
            raise validation_exception(
                f"Model package {found['ModelPackageArn']} has approval status {status}; it must be Approved."
            )
        specification = container.get("InferenceSpecificationName")
        known = [item["Name"] for item in found.get("AdditionalInferenceSpecifications", [])]
        if specification is not None and specification not in known:
            raise validation_exception(
                f"Model package {found['ModelPackageArn']} has no inference specification named {specification}."
            )

    def describe_model(self, parameters, caller):
        return self._model(parameters["ModelName"])

    def delete_model(self, parameters, caller):
        self._model(parameters["ModelName"])
        del self.models[parameters["ModelName"]]

    def list_models(self, parameters, caller):
        kept = [model for name, model in self.models.items() if parameters.get("NameContains", "") in name]
        items, token = self._page(kept, parameters)
        members = ("ModelName", "ModelArn", "CreationTime")
        return {"Models": [{name: model[name] for name in members} for model in items], "NextToken": token}

    def _model(self, name):
        if name not in self.models:
            arn = self._region.arn("sagemaker", f"model/{name.lower()}")
            raise validation_exception(f'Could not find model "{arn}".')
        return self.models[name]

    def package_of(self, model_name):
        """(ARN of the package or None, name of its inference specification or None) of a model's first container."""
        model = self.models.get(model_name, {})
        container = (model.get("Containers") or [model.get("PrimaryContainer", {})])[0]
        package = container.get("ModelPackageName")
        if package is None:
            return None, None
        return self._region.packages.package(package)["ModelPackageArn"], container.get("InferenceSpecificationName")

    # --- Endpoint configurations -------------------------------------------------------------------------------------

    def create_endpoint_config(self, parameters, caller):
        name = parameters["EndpointConfigName"]
        arn = self._region.arn("sagemaker", f"endpoint-config/{name.lower()}")
        if name in self.configurations:
            raise validation_exception(f'Cannot create already existing endpoint configuration "{arn}".')
        seen = set()
        for variant in parameters["ProductionVariants"]:
            if variant["VariantName"] in seen:
                raise validation_exception(f"Variant names must be unique, {variant['VariantName']} is there twice.")
            seen.add(variant["VariantName"])
            if "ModelName" not in variant:
                raise validation_exception("the emulator has no inference components: a variant needs a ModelName")
            self._model(variant["ModelName"])
            if "ServerlessConfig" not in variant and not {"InstanceType", "InitialInstanceCount"} <= set(variant):
                raise validation_exception("A variant needs InstanceType and InitialInstanceCount.")
        if len(parameters.get("ShadowProductionVariants", [])) > 0 and len(seen) > 1:
            raise validation_exception("With a shadow variant there must be one production variant.")
        for variant in parameters["ProductionVariants"]:
            variant.setdefault("InitialVariantWeight", 1.0)
        self.configurations[name] = {
            **{key: value for key, value in parameters.items() if key != "Tags"},
            "EndpointConfigArn": arn,
            "CreationTime": self._clock.now,
        }
        self._region.packages.tag(arn, parameters.get("Tags"))
        return {"EndpointConfigArn": arn}

    def describe_endpoint_config(self, parameters, caller):
        return self.configuration(parameters["EndpointConfigName"])

    def delete_endpoint_config(self, parameters, caller):
        name = parameters["EndpointConfigName"]
        configuration = self.configuration(name)
        for endpoint in self._region.endpoints.endpoints.values():
            if any(fleet.configuration is configuration for fleet in endpoint.fleets):
                # AWS: "You must not delete an EndpointConfig in use by an endpoint that is live". It lets you.
                self._region.world.violation(
                    f"sagemaker DeleteEndpointConfig: {name} is in use by the endpoint {endpoint.name}"
                )
        del self.configurations[name]

    def list_endpoint_configs(self, parameters, caller):
        kept = [item for name, item in self.configurations.items() if parameters.get("NameContains", "") in name]
        kept.sort(key=lambda item: item["CreationTime"], reverse=parameters.get("SortOrder") != "Ascending")
        items, token = self._page(kept, parameters)
        members = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
        return {"EndpointConfigs": [{name: item[name] for name in members} for item in items], "NextToken": token}

    def configuration(self, name):
        if name not in self.configurations:
            arn = self._region.arn("sagemaker", f"endpoint-config/{name.lower()}")
            raise validation_exception(f'Could not find endpoint configuration "{arn}".')
        return self.configurations[name]

    def _page(self, items, parameters):
        return page(items, parameters, 10, validation_exception("Invalid pagination token."))
