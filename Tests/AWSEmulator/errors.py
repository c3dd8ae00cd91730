"""An error as a service answers it."""


class ServiceError(Exception):
    """`fields` are further members of the error's structure. `headers` go on the wire as they are."""

    def __init__(self, code, message, status=400, fields=None, headers=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields or {}
        self.headers = headers or {}


def validation_exception(message):
    return ServiceError("ValidationException", message)


def validation_error(message):
    """CloudFormation's and the runtime's word for it."""
    return ServiceError("ValidationError", message)
