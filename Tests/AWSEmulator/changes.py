"""What a change set says would change: the difference of what a stack has and what a template comes to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
"""

from resourcetypes import TYPES
from templates import references

# Stands in a value for what is only known once another resource was made.
UNKNOWN = "\x00"


def unknown(name, attribute):
    return f"{UNKNOWN}{name}.{attribute or 'Ref'}{UNKNOWN}"


def is_unknown(value):
    if isinstance(value, str):
        return UNKNOWN in value
    if isinstance(value, dict):
        return any(is_unknown(item) for item in value.values())
    return isinstance(value, list) and any(is_unknown(item) for item in value)


class Change:
    """One resource's. `kind`: Add, Modify or Remove. `replacement`: "True", "False" or "Conditional"."""

    def __init__(
        self, kind, logical, resource_type, physical=None, changed=(), details=(), replacement=None, policy=None
    ):
        self.kind = kind
        self.logical = logical
        self.resource_type = resource_type
        self.physical = physical
        self.changed = list(changed)
        self.details = list(details)
        self.replacement = replacement
        self.policy = policy

    def description(self):
        change = {
            "Action": self.kind, "LogicalResourceId": self.logical, "ResourceType": self.resource_type, "Scope": [],
            "Details": [], "PhysicalResourceId": self.physical, "PolicyAction": self.policy,
        }
        if self.kind == "Modify":
            change["Replacement"] = self.replacement
            change["Scope"] = sorted({detail["Target"]["Attribute"] for detail in self.details})
            change["Details"] = self.details
        return {"Type": "Resource", "ResourceChange": change}


def between(stack, template, values, make_scope):
    """Every change, in the order of the template. `make_scope(attribute)` makes the scope of the new template."""
    replaced = {}

    def attribute(name, wanted):
        # What is new, or perhaps new, has attributes that nobody knows yet.
        old = stack.resources.get(name)
        if old is None or name in replaced or old.resource_type != template.resources[name]["Type"]:
            return unknown(name, wanted)
        return old.physical_attribute(wanted)

    scope = make_scope(attribute)
    active = scope.active
    found = []
    for name in template.order(active):
        definition = template.resources[name]
        kind = definition["Type"]
        old = stack.resources.get(name)
        if old is None:
            found.append(Change("Add", name, kind))
            continue
        properties = scope.properties(name)
        change = _modified(stack, template, values, old, kind, properties, definition, set(replaced))
        if change is not None:
            if change.replacement != "False":
                replaced[name] = change
            found.append(change)
    for name, old in stack.resources.items():
        if name not in active:
            policy = "Retain" if old.deletion_policy.startswith("Retain") else "Delete"
            found.append(Change("Remove", name, old.resource_type, old.physical, policy=policy))
    order = list(template.resources) + [name for name in stack.resources if name not in template.resources]
    return sorted(found, key=lambda change: order.index(change.logical))


def _modified(stack, template, values, old, kind, properties, definition, replaced):
    """The change of a resource that is there already; None if there is none."""
    changed = sorted(
        key for key in set(old.given) | set(properties) if old.given.get(key) != properties.get(key)
    )
    if kind != old.resource_type:
        return Change("Modify", old.logical, kind, old.physical, changed, [], "True", _policy(definition))
    policy_details = [
        {"Target": {"Attribute": attribute, "RequiresRecreation": "Never"}, "Evaluation": "Static",
         "ChangeSource": "DirectModification"}
        for attribute, before, after in (
            ("DeletionPolicy", old.deletion_policy, definition.get("DeletionPolicy", "Delete")),
            ("UpdateReplacePolicy", old.replace_policy, definition.get("UpdateReplacePolicy", "Delete")),
        )
        if before != after
    ]
    if not changed and not policy_details:
        return None
    details, replacement = [], "False"
    for key in changed:
        recreation = "Always" if key in TYPES[kind].replacing else "Never"
        dynamic = is_unknown(properties.get(key))
        known_part_differs = not dynamic or _differs_besides(old.given.get(key), properties.get(key))
        causes = _causes(stack, template, values, (definition.get("Properties") or {}).get(key), replaced)
        for source, entity, is_static in causes:
            detail = {
                "Target": {"Attribute": "Tags" if key == "Tags" else "Properties", "RequiresRecreation": recreation},
                "Evaluation": "Static" if is_static else "Dynamic",
                "ChangeSource": source,
                "CausingEntity": entity,
            }
            if key != "Tags":
                detail["Target"]["Name"] = key
            details.append(detail)
        if recreation == "Always":
            if known_part_differs:
                replacement = "True"
            elif replacement == "False":
                replacement = "Conditional"
    return Change(
        "Modify", old.logical, kind, old.physical, changed, details + policy_details, replacement,
        _policy(definition) if replacement != "False" else None,
    )


def _policy(definition):
    keeps = definition.get("UpdateReplacePolicy", "Delete").startswith("Retain")
    return "ReplaceAndRetain" if keeps else "ReplaceAndDelete"


def _differs_besides(before, after):
    """Whether two values differ in a place where the new one is known."""
    if isinstance(after, str) and UNKNOWN in after:
        return False
    if isinstance(before, dict) and isinstance(after, dict):
        return any(_differs_besides(before.get(key), after.get(key)) for key in set(before) | set(after))
    if isinstance(before, list) and isinstance(after, list):
        return len(before) != len(after) or any(_differs_besides(b, a) for b, a in zip(before, after))
    return before != after


def _causes(stack, template, values, raw, replaced):
    """[(ChangeSource, CausingEntity or None, is static)] of one property's change."""
    causes = []
    mentioned = list(dict.fromkeys(references(_with_conditions(template, raw))))
    for name, attribute in mentioned:
        if name in template.resources:
            if name not in stack.resources or name in replaced:
                source = "ResourceReference" if attribute is None else "ResourceAttribute"
                entity = name if attribute is None else f"{name}.{attribute}"
                causes.append((source, entity, False))
        elif name in values and values[name] != stack.values.get(name):
            causes.append(("ParameterReference", name, True))
    # CloudFormation cannot know that nothing else in the template changed beside a parameter.
    has_parameter = any(source == "ParameterReference" for source, _, _ in causes)
    if has_parameter:
        causes.append(("DirectModification", None, False))
    elif not causes or template.text != stack.template.text:
        causes.append(("DirectModification", None, True))
    return causes


def _with_conditions(template, raw):
    """`raw` with the conditions that its Fn::Ifs name written out, so that parameters behind them are found."""
    if isinstance(raw, list):
        return [_with_conditions(template, item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    if set(raw) == {"Fn::If"}:
        name, yes, no = raw["Fn::If"]
        condition = template.section("Conditions").get(name, {})
        return [_with_conditions(template, condition), _with_conditions(template, yes), _with_conditions(template, no)]
    if set(raw) == {"Condition"} and isinstance(raw["Condition"], str):
        return [_with_conditions(template, template.section("Conditions").get(raw["Condition"], {}))]
    return {key: _with_conditions(template, item) for key, item in raw.items()}
