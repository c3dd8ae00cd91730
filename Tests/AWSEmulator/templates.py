"""CloudFormation templates: their text, their form, and what they come to with given parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

import base64
import functools
import json
import re

import yaml
from errors import validation_error

SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
    "Transform", "Resources", "Outputs",
}
RESOURCE_KEYS = {
    "Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata",
    "CreationPolicy", "UpdatePolicy",
}
PSEUDO = {
    "AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix",
}
INLINE_MAX = 51_200
S3_MAX = 1_048_576
NO_VALUE = object()
PLACEHOLDER = re.compile(r"\$\{([^!][^}]*)\}")


class TemplateLoader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: short forms of the functions, no dates, no key twice."""


TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _mapping(loader, node):
    seen = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)
        if name in seen:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {name}", key.start_mark)
        seen.add(name)
    return loader.construct_mapping(node, deep=True)


TemplateLoader.add_multi_constructor("!", _short_form)
TemplateLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class Template:
    def __init__(self, text, types):
        """`types`: {name: resource type}. Raises ValidationError for what CreateStack refuses before it begins."""
        self.text = text
        self._types = types
        try:
            self.body = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, TemplateLoader)
        except (ValueError, yaml.YAMLError) as error:
            raise validation_error(f"Template format error: it is not well-formed. ({error})") from None
        if not isinstance(self.body, dict):
            raise validation_error("Template format error: unsupported structure.")
        unknown = [str(name) for name in self.body if name not in SECTIONS]
        if unknown:
            raise validation_error(f"Invalid template property or properties [{', '.join(unknown)}]")
        if "Transform" in self.body:
            raise validation_error("the emulator has no transforms")
        if not isinstance(self.body.get("Resources"), dict) or not self.body["Resources"]:
            raise validation_error("Template format error: At least one Resources member must be defined.")
        told(Template._check_resources)(self)

    def section(self, name):
        return self.body.get(name) or {}

    @property
    def parameters(self):
        return self.section("Parameters")

    @property
    def resources(self):
        return self.body["Resources"]

    def _check_resources(self):
        unknown = []
        for name, resource in self.resources.items():
            if not isinstance(resource, dict) or "Type" not in resource:
                raise validation_error(
                    f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
                )
            for key in resource:
                if key not in RESOURCE_KEYS:
                    raise validation_error(f"Invalid template resource property '{key}'")
            if resource["Type"] not in self._types:
                unknown.append(resource["Type"])
            condition = resource.get("Condition")
            if condition is not None and condition not in self.section("Conditions"):
                raise validation_error(
                    f"Template format error: Unresolved condition dependency {condition} in the Resources block"
                )
        if unknown:
            raise validation_error(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
        for block in ("Resources", "Outputs"):
            self._check_references(block)
        self.order(set(self.resources))

    def _check_references(self, block):
        dangling = set()
        for name, attribute in references(self.section(block)):
            if name in self.resources:
                kind = self.resources[name]["Type"]
                if attribute is not None and attribute not in self._types[kind].attribute_names:
                    raise validation_error(
                        f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
                    )
            elif attribute is not None or (name not in self.parameters and name not in PSEUDO):
                dangling.add(name)
        for name, resource in self.resources.items():
            dangling |= set(_listed(resource.get("DependsOn"))) - set(self.resources) if block == "Resources" else set()
        if dangling:
            raise validation_error(
                f"Template format error: Unresolved resource dependencies [{', '.join(sorted(dangling))}] in the "
                f"{block} block of the template"
            )

    def order(self, active):
        """`active` resources, each after those that it refers to or depends on."""
        needs = {}
        for name in self.resources:
            if name in active:
                resource = self.resources[name]
                mentioned = {other for other, _ in references(resource.get("Properties"))}
                mentioned |= set(_listed(resource.get("DependsOn")))
                needs[name] = mentioned & active - {name}
                if name in {other for other, _ in references(resource.get("Properties"))}:
                    raise validation_error(f"Circular dependency between resources: [{name}]")
        ordered = []
        while needs:
            ready = [name for name, others in needs.items() if not others - set(ordered)]
            if not ready:
                raise validation_error(f"Circular dependency between resources: [{', '.join(needs)}]")
            ordered += ready
            for name in ready:
                del needs[name]
        return ordered

    def values(self, given, previous):
        """The value of every parameter. `given`: as in the API. `previous`: the stack's, {name: value}."""
        unknown = [item["ParameterKey"] for item in given if item["ParameterKey"] not in self.parameters]
        if unknown:
            raise validation_error(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        values = {}
        for item in given:
            name = item["ParameterKey"]
            if item.get("UsePreviousValue"):
                if "ParameterValue" in item:
                    raise validation_error(
                        f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true and non "
                        "empty value for a parameter"
                    )
                if name in previous:
                    values[name] = previous[name]
            else:
                values[name] = item.get("ParameterValue", "")
        for name, parameter in self.parameters.items():
            if name not in values and "Default" in parameter:
                values[name] = _as_text(parameter["Default"])
        missing = [name for name in self.parameters if name not in values]
        if missing:
            raise validation_error(f"Parameters: [{', '.join(missing)}] must have values")
        for name, value in values.items():
            check_parameter(name, self.parameters[name], value)
        return values


def check_parameter(name, declared, value):
    said = declared.get("ConstraintDescription")

    def refuse(text):
        raise validation_error(f"Parameter {name} failed to satisfy constraint: {said}" if said else
                               f"Parameter '{name}' {text}")

    if "AllowedValues" in declared and value not in [_as_text(item) for item in declared["AllowedValues"]]:
        refuse("must be one of AllowedValues")
    if declared.get("Type") == "Number":
        try:
            number = float(value)
        except ValueError:
            raise validation_error(f"Parameter '{name}' must be a number") from None
        if number < float(declared.get("MinValue", number)):
            refuse(f"must be a number not less than {declared['MinValue']}")
        if number > float(declared.get("MaxValue", number)):
            refuse(f"must be a number not greater than {declared['MaxValue']}")
    if "AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], value):
        refuse(f"must match pattern {declared['AllowedPattern']}")
    if len(value) < int(declared.get("MinLength", 0)):
        refuse(f"must contain at least {declared['MinLength']} characters")
    if len(value) > int(declared.get("MaxLength", len(value))):
        refuse(f"must contain at most {declared['MaxLength']} characters")
    if len(value.encode()) > 4096:
        raise validation_error(f"Parameter '{name}' must be at most 4096 bytes long")


def references(value):
    """(name, attribute or None) of everything that is referred to anywhere inside."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield value["Ref"], None
        elif set(value) == {"Fn::GetAtt"}:
            yield tuple(_attribute(value["Fn::GetAtt"]))
        elif set(value) == {"Fn::Sub"}:
            text, own = _substitution(value["Fn::Sub"])
            for name in PLACEHOLDER.findall(text):
                if name not in own:
                    yield (*name.split(".", 1),) if "." in name else (name, None)
            yield from references(list(own.values()))
        else:
            for item in value.values():
                yield from references(item)


def _attribute(value):
    return value.split(".", 1) if isinstance(value, str) else value


def _substitution(value):
    return (value, {}) if isinstance(value, str) else (value[0], value[1])


def _listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def _as_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def told(evaluation):
    """Whatever a malformed template does to an evaluation is the template's error."""

    @functools.wraps(evaluation)
    def guarded(*arguments):
        try:
            return evaluation(*arguments)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise validation_error(f"Template error: it cannot be evaluated: {error!r}") from error

    return guarded


class Scope:
    """What names stand for while a template is evaluated.

    `attribute(name, attribute or None)` gives what a resource is known as."""

    def __init__(self, template, values, pseudo, attribute):
        self._template = template
        self._values = values
        self._pseudo = pseudo
        self._attribute = attribute
        self._conditions = {}

    @property
    @told
    def active(self):
        """Names of the resources that exist under the conditions."""
        return {
            name
            for name, resource in self._template.resources.items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    @told
    def properties(self, name):
        value = self.value(self._template.resources[name].get("Properties") or {})
        return {} if value is NO_VALUE else value

    @told
    def outputs(self):
        found = []
        for name, output in self._template.section("Outputs").items():
            if "Condition" in output and not self.condition(output["Condition"]):
                continue
            shown = {"OutputKey": name, "OutputValue": _as_text(self.value(output["Value"]))}
            if "Description" in output:
                shown["Description"] = output["Description"]
            if "Export" in output:
                shown["ExportName"] = self.value(output["Export"]["Name"])
            found.append(shown)
        return found

    @told
    def check_conditions(self):
        for name in self._template.section("Conditions"):
            self.condition(name)

    def condition(self, name):
        if name not in self._conditions:
            if name not in self._template.section("Conditions"):
                raise validation_error(f"Template error: unresolved condition dependency {name}")
            self._conditions[name] = self._truth(self._template.section("Conditions")[name])
        return self._conditions[name]

    def _truth(self, value):
        name, argument = next(iter(value.items()))
        if name == "Condition":
            return self.condition(argument)
        if name == "Fn::Equals":
            left, right = (_as_text(self.value(item)) for item in argument)
            return left == right
        if name == "Fn::Not":
            return not self._truth(argument[0])
        if name == "Fn::And":
            return all([self._truth(item) for item in argument])
        if name == "Fn::Or":
            return any([self._truth(item) for item in argument])
        raise validation_error(f"Template error: {name} is not a condition")

    def value(self, value):
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref":
                return self._ref(argument)
            function = FUNCTIONS.get(name)
            if function is not None:
                return function(self, argument)
            if name.startswith("Fn::"):
                raise validation_error(f"Template error: the emulator has no {name}")
        items = {name: self.value(item) for name, item in value.items()}
        return {name: item for name, item in items.items() if item is not NO_VALUE}

    def _ref(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._values:
            kind = self._template.parameters[name].get("Type", "String")
            is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
            return [item.strip() for item in self._values[name].split(",")] if is_list else self._values[name]
        return self._attribute(name, None)

    def _get_att(self, argument):
        name, attribute = _attribute(argument)
        return self._attribute(name, attribute)

    def _sub(self, argument):
        text, own = _substitution(argument)

        def found(match):
            name = match[1]
            if name in own:
                return _as_text(self.value(own[name]))
            return _as_text(self._get_att(name) if "." in name else self._ref(name))

        return PLACEHOLDER.sub(found, text).replace("${!", "${")

    def _if(self, argument):
        name, yes, no = argument
        return self.value(yes if self.condition(name) else no)

    def _find_in_map(self, argument):
        name, first, second = (self.value(item) for item in argument)
        try:
            return self._template.section("Mappings")[name][first][second]
        except KeyError:
            raise validation_error(
                f"Template error: Unable to get mapping for {name}::{first}::{second}"
            ) from None

    def _join(self, argument):
        return self.value(argument[0]).join(_as_text(item) for item in self.value(argument[1]))

    def _select(self, argument):
        items = self.value(argument[1])
        index = int(self.value(argument[0]))
        if index >= len(items):
            raise validation_error(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return items[index]

    def _split(self, argument):
        return self.value(argument[1]).split(argument[0])

    def _base64(self, argument):
        return base64.b64encode(self.value(argument).encode()).decode()


FUNCTIONS = {
    "Fn::GetAtt": Scope._get_att, "Fn::Sub": Scope._sub, "Fn::If": Scope._if, "Fn::FindInMap": Scope._find_in_map,
    "Fn::Join": Scope._join, "Fn::Select": Scope._select, "Fn::Split": Scope._split, "Fn::Base64": Scope._base64,
}
