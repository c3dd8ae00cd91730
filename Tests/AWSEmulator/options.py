"""What tests may choose where AWS's behaviour is unknown, or where its pace does not matter. Seconds are virtual."""

DEFAULTS = {
    "sageMaker": {
        # Whether DescribeEndpoint gives a FailureReason after a rollback; both were seen.
        "failureReasons": True,
        # A rolling deployment that goes back cannot: UpdateRollbackFailed.
        "rollbackFails": False,
        "createSeconds": 180,
        "provisionSeconds": 120,
        "activateSeconds": 30,
        "terminateSeconds": 60,
        "rollbackSeconds": 60,
        "scaleSeconds": 60,
        "deleteSeconds": 30,
    },
    "cloudFormation": {
        # Whether the endpoint's update fails when SageMaker took it back, or counts as done because it is InService.
        "noticesRollback": True,
        # Whether going back calls UpdateEndpoint although the endpoint already is on the old configuration.
        "rollbackRedeploys": False,
        "changeSetSeconds": 4,
        "resourceSeconds": 2,
    },
}


def fresh():
    return {topic: dict(values) for topic, values in DEFAULTS.items()}


def change(options, wanted):
    """Raises ValueError, and changes nothing, if a name or a type is wrong."""
    for topic, values in wanted.items():
        for name, value in values.items():
            default = DEFAULTS.get(topic, {}).get(name)
            if default is None:
                raise ValueError(f"no option {topic}.{name}")
            if isinstance(default, bool) != isinstance(value, bool) or not isinstance(value, (bool, int, float)):
                raise ValueError(f"{topic}.{name} must be like {default!r}")
    for topic, values in wanted.items():
        options[topic].update(values)
