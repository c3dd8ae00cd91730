"""Service Quotas, for SageMaker's instances."""

import shapes
from errors import ServiceError
from pages import page

DEFAULT = 20.0


class Quotas:
    def __init__(self, region):
        self._region = region
        # Instance type -> how many. The others have DEFAULT.
        self.limits = {}

    def list_service_quotas(self, parameters, caller):
        if parameters["ServiceCode"] != "sagemaker":
            raise ServiceError("NoSuchResourceException", "The specified service does not exist.")
        types = shapes.service_model("sagemaker").shape_for("ProductionVariantInstanceType").enum
        found = [self._quota(kind) for kind in sorted(types)]
        error = ServiceError("InvalidPaginationTokenException", "Invalid token.")
        items, token = page(found, parameters, 100, error)
        return {"Quotas": items, "NextToken": token}

    def _quota(self, kind):
        code = f"L-{sum(ord(letter) * 31 ** index for index, letter in enumerate(kind)) % 16 ** 8:08X}"
        return {
            "ServiceCode": "sagemaker", "ServiceName": "Amazon SageMaker", "QuotaCode": code,
            "QuotaArn": self._region.arn("servicequotas", f"sagemaker/{code}"),
            "QuotaName": f"{kind} for endpoint usage", "Value": self.limits.get(kind, DEFAULT), "Unit": "None",
            "Adjustable": True, "GlobalQuota": False,
        }
