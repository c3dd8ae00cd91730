"""SageMaker's Model Registry: groups of model packages, and tags."""

from errors import ServiceError, validation_exception
from pages import page

KEPT = (
    "ModelPackageGroupName", "ModelPackageDescription", "InferenceSpecification", "ValidationSpecification",
    "SourceAlgorithmSpecification", "CertifyForMarketplace", "ModelApprovalStatus", "MetadataProperties",
    "ModelMetrics", "CustomerMetadataProperties", "DriftCheckBaselines", "Domain", "Task", "SamplePayloadUrl",
    "AdditionalInferenceSpecifications", "SkipModelValidation", "SourceUri", "SecurityConfig", "ModelCard",
    "ModelLifeCycle",
)
SUMMARY = (
    "ModelPackageName", "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageDescription",
    "CreationTime", "ModelPackageStatus", "ModelApprovalStatus",
)


class Packages:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self.groups = {}
        self.packages = {}
        self.tags = {}
        self._by_token = {}
        self._last_version = {}

    # --- Groups ------------------------------------------------------------------------------------------------------

    def create_model_package_group(self, parameters, caller):
        name = parameters["ModelPackageGroupName"]
        arn = self._region.arn("sagemaker", f"model-package-group/{name}")
        if name in self.groups:
            raise validation_exception(f"Model Package Group already exists: {arn}")
        self.groups[name] = {
            "ModelPackageGroupName": name,
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupDescription": parameters.get("ModelPackageGroupDescription"),
            "CreationTime": self._clock.now,
            "CreatedBy": self._by(caller),
            "ModelPackageGroupStatus": "Completed",
        }
        self.tag(arn, parameters.get("Tags"))
        return {"ModelPackageGroupArn": arn}

    def describe_model_package_group(self, parameters, caller):
        return self._group(parameters["ModelPackageGroupName"])

    def list_model_package_groups(self, parameters, caller):
        kept = [group for name, group in self.groups.items() if parameters.get("NameContains", "") in name]
        kept.sort(key=lambda group: group["CreationTime"], reverse=parameters.get("SortOrder") != "Ascending")
        items, token = self._page(kept, parameters)
        members = (
            "ModelPackageGroupName", "ModelPackageGroupArn", "ModelPackageGroupDescription", "CreationTime",
            "ModelPackageGroupStatus",
        )
        return {
            "ModelPackageGroupSummaryList": [{name: group.get(name) for name in members} for group in items],
            "NextToken": token,
        }

    def delete_model_package_group(self, parameters, caller):
        group = self._group(parameters["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        if any(package["ModelPackageGroupName"] == name for package in self.packages.values()):
            raise ServiceError("ConflictException", f"Model Package Group {name} contains model packages.")
        del self.groups[name]

    def _group(self, name):
        name = name.split("/")[-1]
        if name not in self.groups:
            arn = self._region.arn("sagemaker", f"model-package-group/{name}")
            raise validation_exception(f"ModelPackageGroup {arn} does not exist.")
        return self.groups[name]

    # --- Packages ----------------------------------------------------------------------------------------------------

    def create_model_package(self, parameters, caller):
        token = parameters.get("ClientToken")
        if token in self._by_token:
            return {"ModelPackageArn": self._by_token[token]}
        if "ModelPackageGroupName" not in parameters:
            raise validation_exception("the emulator keeps packages in groups only: give a ModelPackageGroupName")
        group = self._group(parameters["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        # A number is never given twice, even when its package is deleted.
        version = self._last_version[name] = self.next_version(name)
        arn = self._region.arn("sagemaker", f"model-package/{name}/{version}")
        package = {key: parameters[key] for key in KEPT if key in parameters}
        package.update(
            ModelPackageGroupName=name,
            ModelPackageName=name,
            ModelPackageArn=arn,
            ModelPackageVersion=version,
            CreationTime=self._clock.now,
            LastModifiedTime=self._clock.now,
            CreatedBy=self._by(caller),
            ModelPackageStatus="Completed",
            ModelPackageStatusDetails={"ValidationStatuses": [], "ImageScanStatuses": []},
            ModelApprovalStatus=parameters.get("ModelApprovalStatus", "PendingManualApproval"),
        )
        self.packages[arn] = package
        self.tag(arn, parameters.get("Tags"))
        if token:
            self._by_token[token] = arn
        return {"ModelPackageArn": arn}

    def describe_model_package(self, parameters, caller):
        return self.package(parameters["ModelPackageName"])

    def batch_describe_model_package(self, parameters, caller):
        found, errors = {}, {}
        members = (
            "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageDescription",
            "CreationTime", "InferenceSpecification", "ModelPackageStatus", "ModelApprovalStatus",
        )
        for arn in parameters["ModelPackageArnList"]:
            package = self.packages.get(arn)
            if package is None:
                text = f"ModelPackage {arn} does not exist."
                errors[arn] = {"ErrorCode": "ValidationException", "ErrorResponse": text}
            else:
                found[arn] = {name: package.get(name) for name in members}
        return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}

    def list_model_packages(self, parameters, caller):
        wanted = parameters.get("ModelPackageGroupName", "").split("/")[-1]
        kept = [
            package
            for package in self.packages.values()
            if (not wanted or package["ModelPackageGroupName"] == wanted)
            and parameters.get("ModelApprovalStatus") in (None, package["ModelApprovalStatus"])
            and parameters.get("NameContains", "") in package["ModelPackageName"]
            and package["CreationTime"] > parameters.get("CreationTimeAfter", 0)
            and package["CreationTime"] < parameters.get("CreationTimeBefore", float("inf"))
        ]
        # Creation times tie where several were made at one moment; versions do not.
        kept.sort(
            key=lambda package: (package["CreationTime"], package["ModelPackageVersion"]),
            reverse=parameters.get("SortOrder") == "Descending",
        )
        items, token = self._page(kept, parameters)
        summaries = [{name: package.get(name) for name in SUMMARY} for package in items]
        return {"ModelPackageSummaryList": summaries, "NextToken": token}

    def update_model_package(self, parameters, caller):
        """What is not given stays as it is; customer metadata is merged."""
        package = self.package(parameters["ModelPackageArn"])
        for name in ("ModelApprovalStatus", "ApprovalDescription", "InferenceSpecification", "SourceUri"):
            if name in parameters:
                package[name] = parameters[name]
        metadata = dict(package.get("CustomerMetadataProperties", {}))
        metadata.update(parameters.get("CustomerMetadataProperties", {}))
        for key in parameters.get("CustomerMetadataPropertiesToRemove", []):
            metadata.pop(key, None)
        if metadata or "CustomerMetadataProperties" in package:
            package["CustomerMetadataProperties"] = metadata
        added = parameters.get("AdditionalInferenceSpecificationsToAdd", [])
        if added:
            package["AdditionalInferenceSpecifications"] = package.get("AdditionalInferenceSpecifications", []) + added
        package["LastModifiedTime"] = self._clock.now
        package["LastModifiedBy"] = self._by(caller)
        return {"ModelPackageArn": package["ModelPackageArn"]}

    def delete_model_package(self, parameters, caller):
        del self.packages[self.package(parameters["ModelPackageName"])["ModelPackageArn"]]

    def next_version(self, group):
        return self._last_version.get(group, 0) + 1

    def package(self, name):
        """By its ARN, or by `group/version`."""
        arn = name if name.startswith("arn:") else self._region.arn("sagemaker", f"model-package/{name}")
        if arn not in self.packages:
            raise validation_exception(f"ModelPackage {arn} does not exist.")
        return self.packages[arn]

    # --- Tags of anything --------------------------------------------------------------------------------------------

    def add_tags(self, parameters, caller):
        return {"Tags": self.tag(parameters["ResourceArn"], parameters["Tags"])}

    def list_tags(self, parameters, caller):
        items, token = self._page(self.tags.get(parameters["ResourceArn"], []), parameters, default=50)
        return {"Tags": items, "NextToken": token}

    def delete_tags(self, parameters, caller):
        arn = parameters["ResourceArn"]
        self.tags[arn] = [tag for tag in self.tags.get(arn, []) if tag["Key"] not in parameters["TagKeys"]]

    def tag(self, arn, tags):
        merged = {tag["Key"]: tag for tag in self.tags.get(arn, [])}
        merged.update({tag["Key"]: tag for tag in tags or []})
        self.tags[arn] = list(merged.values())
        return self.tags[arn]

    def _page(self, items, parameters, default=10):
        return page(items, parameters, default, validation_exception("Invalid pagination token."))

    @staticmethod
    def _by(caller):
        return {"IamIdentity": {"Arn": caller.arn, "PrincipalId": caller.access_key or caller.name}}
