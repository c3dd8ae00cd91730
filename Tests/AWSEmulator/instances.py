"""How many cores an instance type has, by the size in its name; AWS's families differ little in that."""

SIZES = {"medium": 1, "large": 2, "xlarge": 4}


def cores(instance_type):
    size = (instance_type or "ml.m5.large").split(".")[-1]
    if size in SIZES:
        return SIZES[size]
    if size.endswith("xlarge") and size[: -len("xlarge")].isdigit():
        return 4 * int(size[: -len("xlarge")])
    return 2
