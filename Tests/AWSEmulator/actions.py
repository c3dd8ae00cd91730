"""Which IAM action an operation is, and on what resource.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from identity import ACCOUNT

PREFIXES = {"sagemaker-runtime": "sagemaker", "service-quotas": "servicequotas"}

S3_ACTIONS = {
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "ListBuckets": "ListAllMyBuckets",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
}

# Parameter -> kind of the resource in its ARN.
SAGEMAKER_RESOURCES = {
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelName": "model",
    "ModelPackageGroupName": "model-package-group",
}


def action(service, operation):
    if service == "s3":
        operation = S3_ACTIONS.get(operation, operation)
    return f"{PREFIXES.get(service, service)}:{operation}"


def resources(service, operation, region, parameters):
    """Every resource that the caller needs the action on; `*` where IAM knows none for it."""
    if service == "s3":
        bucket, key = parameters.get("Bucket"), parameters.get("Key")
        if bucket is None:
            return ["*"]
        return [f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"]
    if service in ("sagemaker", "sagemaker-runtime"):
        return _sagemaker(operation, region, parameters)
    if service == "cloudformation" and parameters.get("StackName"):
        name = parameters["StackName"]
        return [name if name.startswith("arn:") else f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/*"]
    if service == "cloudwatch":
        names = parameters.get("AlarmNames") or [parameters.get("AlarmName")]
        names = [name for name in names if name]
        return [f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}" for name in names] or ["*"]
    if service == "application-autoscaling" and not operation.startswith("Describe"):
        return [f"arn:aws:application-autoscaling:{region}:{ACCOUNT}:scalable-target/*"]
    return ["*"]


def _sagemaker(operation, region, parameters):
    given = parameters.get("ModelPackageName") or parameters.get("ModelPackageArn") or parameters.get("ResourceArn")
    if given and given.startswith("arn:"):
        return [given]
    if operation == "CreateModelPackage":
        return [f"arn:aws:sagemaker:{region}:{ACCOUNT}:model-package/{parameters.get('ModelPackageGroupName', '*')}/*"]
    found = [
        f"arn:aws:sagemaker:{region}:{ACCOUNT}:{kind}/{parameters[name].lower()}"
        for name, kind in SAGEMAKER_RESOURCES.items()
        if parameters.get(name) and not operation.startswith("List")
    ]
    # A creation names what it makes first; what it refers to needs no permission, but for an endpoint's configuration.
    return found or ["*"]


def also(service, operation, region, parameters):
    """What the operation needs besides itself: [(action, resource)]."""
    tagging = {"sagemaker": "sagemaker:AddTags", "cloudformation": "cloudformation:TagResource"}.get(service)
    if tagging and operation.startswith("Create") and parameters.get("Tags"):
        return [(tagging, resource) for resource in resources(service, operation, region, parameters)[:1]]
    return []


def context(service, parameters, region):
    """The condition keys that a policy may ask for."""
    keys = {
        "aws:RequestedRegion": region,
        "cloudwatch:namespace": parameters.get("Namespace") if service == "cloudwatch" else None,
        "application-autoscaling:service-namespace": _scaling(service, parameters, "ServiceNamespace"),
        "application-autoscaling:scalable-dimension": _scaling(service, parameters, "ScalableDimension"),
        "cloudformation:ChangeSetName": parameters.get("ChangeSetName") if service == "cloudformation" else None,
        "cloudformation:TemplateUrl": parameters.get("TemplateURL") if service == "cloudformation" else None,
        "s3:prefix": parameters.get("prefix", "") if service == "s3" else None,
    }
    return {key: value for key, value in keys.items() if value is not None}


def _scaling(service, parameters, name):
    return parameters.get(name) if service == "application-autoscaling" else None


def require(caller, service, operation, region, parameters):
    """Refuses what `caller` may not do."""
    keys = context(service, parameters, region)
    for resource in resources(service, operation, region, parameters):
        caller.require(action(service, operation), resource, keys)
    for name, resource in also(service, operation, region, parameters):
        caller.require(name, resource, keys)
