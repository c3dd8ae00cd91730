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
