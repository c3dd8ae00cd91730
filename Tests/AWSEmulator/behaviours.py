"""How scripted models behave."""

import json

KEYS = {
    "errorRate": (0.0, (int, float)),
    "errorStatus": (500, int),
    "errorBody": ("the model failed", str),
    "latencyMs": (40.0, (int, float)),
    "cpuPerRequest": (0.05, (int, float)),
    "answer": (None, object),
    "delaySeconds": (0.0, (int, float)),
    "failsToStart": (False, bool),
    "notReady": (0, int),
}


class Behaviour:
    """One model's. See `emulator.py` for what each word means."""

    def __init__(self):
        self.values = {name: default for name, (default, _) in KEYS.items()}
        # What is owed of whole errors: 20 % of 10 requests are 2, not about 2.
        self.owed = 0.0

    def change(self, wanted):
        for name, value in wanted.items():
            if name not in KEYS:
                raise ValueError(f"a model's behaviour has no {name}; it has {', '.join(KEYS)}")
            if not isinstance(value, KEYS[name][1]):
                raise ValueError(f"{name} must be like {KEYS[name][0]!r}")
        self.values.update(wanted)

    def __getattr__(self, name):
        words = name.split("_")
        key = words[0] + "".join(word.capitalize() for word in words[1:])
        try:
            return self.__dict__["values"][key]
        except KeyError:
            raise AttributeError(name) from None

    def errors_of(self, requests):
        """How many of so many requests fail."""
        self.owed += requests * self.error_rate
        whole = int(self.owed + 1e-9)
        self.owed -= whole
        return whole

    def response(self, package):
        """(content type, body)"""
        answer = self.answer
        if isinstance(answer, dict) and set(answer) == {"contentType", "body"}:
            return answer["contentType"], answer["body"].encode()
        if answer is None:
            answer = {"modelPackage": package}
        return "application/json", json.dumps(answer).encode()


class Behaviours:
    """By the ARN of a model package, or by the name of a model that has none."""

    def __init__(self):
        self._known = {}

    def of(self, key):
        return self._known.setdefault(key, Behaviour())
