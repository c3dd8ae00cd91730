"""CloudFormation's operations on stacks and templates. Change sets are in `changesets.py`, the work on resources in
`stackwork.py`."""

import changes
from errors import ServiceError, validation_error
from identity import ACCOUNT, Caller
from moto.s3.models import s3_backends
from pages import page
from resourcetypes import TYPES
from stack import Stack
from templates import INLINE_MAX, PSEUDO, S3_MAX, Scope, Template

UPDATABLE = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "UPDATE_FAILED",
}


class Stacks:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self._stacks = []

    @property
    def live(self):
        return [stack for stack in self._stacks if stack.deleted is None]

    # --- Stacks ------------------------------------------------------------------------------------------------------

    def create_stack(self, parameters, caller):
        name = parameters["StackName"]
        existing = self.find(name)
        if existing is not None:
            raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
        template = self.template(parameters, caller)
        values = template.values(parameters.get("Parameters", []), {})
        check_template(template, values, self._region.name, parameters.get("Capabilities", []))
        stack = self.made(name, caller)
        self._take_over(stack, parameters)
        on_failure = parameters.get("OnFailure", "DO_NOTHING" if parameters.get("DisableRollback") else "ROLLBACK")
        actor = self.actor(parameters.get("RoleARN"), caller)
        stack.template, stack.values = template, values
        stack.begin(template, values, actor, parameters.get("ClientRequestToken"), True, on_failure)
        return {"StackId": stack.id}

    def update_stack(self, parameters, caller):
        stack = self.existing(parameters["StackName"])
        template = self.template(parameters, caller, stack)
        values = template.values(parameters.get("Parameters", []), stack.values)
        check_template(template, values, self._region.name, parameters.get("Capabilities", []))
        self.check_updatable(stack)
        if not self.changes(stack, template, values) and self._keeps_tags(stack, parameters):
            raise validation_error("No updates are to be performed.")
        self._take_over(stack, parameters)
        actor = self.actor(parameters.get("RoleARN") or stack.role, caller)
        on_failure = "DO_NOTHING" if parameters.get("DisableRollback") else "ROLLBACK"
        stack.begin(template, values, actor, parameters.get("ClientRequestToken"), False, on_failure)
        return {"StackId": stack.id}

    @staticmethod
    def _keeps_tags(stack, parameters):
        return "Tags" not in parameters or parameters["Tags"] == stack.tags

    @staticmethod
    def _take_over(stack, parameters):
        stack.capabilities = parameters.get("Capabilities", stack.capabilities)
        stack.tags = parameters.get("Tags", stack.tags)
        stack.role = parameters.get("RoleARN", stack.role)

    def delete_stack(self, parameters, caller):
        stack = self.find(parameters["StackName"])
        if stack is None:
            return  # As AWS has it: what is not there is deleted.
        if stack.is_protected:
            raise validation_error(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        if stack.status == "DELETE_IN_PROGRESS":
            return
        if stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
            raise validation_error(
                f"Stack [{stack.id}] cannot be deleted while in status {stack.status}"
            )
        stack.change_sets.clear()
        actor = self.actor(parameters.get("RoleARN") or stack.role, caller)
        stack.delete(actor, parameters.get("ClientRequestToken"), parameters.get("RetainResources", ()))

    def cancel_update_stack(self, parameters, caller):
        stack = self.existing(parameters["StackName"])
        if stack.status != "UPDATE_IN_PROGRESS":
            raise validation_error("CancelUpdateStack cannot be called from current stack status")
        stack.operation.cancel()

    def continue_update_rollback(self, parameters, caller):
        stack = self.existing(parameters["StackName"])
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise validation_error(
                f"Stack:{stack.id} is in {stack.status} state and can not continue update rollback."
            )
        stack.operation.retry_rollback(parameters.get("ResourcesToSkip", []))

    def update_termination_protection(self, parameters, caller):
        stack = self.existing(parameters["StackName"])
        stack.is_protected = parameters["EnableTerminationProtection"]
        return {"StackId": stack.id}

    def describe_stacks(self, parameters, caller):
        name = parameters.get("StackName")
        kept = [self.existing(name, or_deleted=True)] if name else self.live
        items, token = self._page([stack.description() for stack in kept], parameters)
        return {"Stacks": items, "NextToken": token}

    def list_stacks(self, parameters, caller):
        wanted = parameters.get("StackStatusFilter")
        kept = [
            {
                "StackId": stack.id, "StackName": stack.name, "CreationTime": stack.created,
                "LastUpdatedTime": stack.updated, "DeletionTime": stack.deleted, "StackStatus": stack.status,
                "StackStatusReason": stack.reason,
            }
            for stack in reversed(self._stacks)
            if not wanted or stack.status in wanted
        ]
        items, token = self._page(kept, parameters)
        return {"StackSummaries": items, "NextToken": token}

    def describe_stack_events(self, parameters, caller):
        if "StackName" not in parameters:
            raise validation_error("Stack name must be specified")
        stack = self.existing(parameters["StackName"], or_deleted=True, absent="Stack [{}] does not exist")
        items, token = self._page(list(reversed(stack.events)), parameters)
        return {"StackEvents": items, "NextToken": token}

    def list_stack_resources(self, parameters, caller):
        stack = self.existing(parameters["StackName"], or_deleted=True)
        rows = [
            {
                "LogicalResourceId": item.logical, "PhysicalResourceId": item.physical,
                "ResourceType": item.resource_type, "LastUpdatedTimestamp": item.updated,
                "ResourceStatus": item.status, "ResourceStatusReason": item.reason,
                "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
            }
            for item in stack.resources.values()
        ]
        items, token = self._page(rows, parameters)
        return {"StackResourceSummaries": items, "NextToken": token}

    def describe_stack_resources(self, parameters, caller):
        stack = self.existing(parameters["StackName"], or_deleted=True)
        wanted = parameters.get("LogicalResourceId")
        return {"StackResources": [
            {
                "StackId": stack.id, "StackName": stack.name, "LogicalResourceId": item.logical,
                "PhysicalResourceId": item.physical, "ResourceType": item.resource_type, "Timestamp": item.updated,
                "ResourceStatus": item.status, "ResourceStatusReason": item.reason,
            }
            for item in stack.resources.values()
            if wanted in (None, item.logical)
        ]}

    def get_template(self, parameters, caller):
        if "ChangeSetName" in parameters:
            template = self._change_set(parameters).template
        else:
            template = self.existing(parameters["StackName"], or_deleted=True).template
        if template is None:
            raise validation_error(f"Stack with id {parameters['StackName']} has no template yet")
        return {"TemplateBody": template.text, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, parameters, caller):
        if "StackName" in parameters:
            template = self.existing(parameters["StackName"]).template
        else:
            template = self.template(parameters, caller)
        needed = needed_capabilities(template)
        return {
            "Parameters": self._declared(template),
            "Description": template.body.get("Description"),
            "Capabilities": needed,
            "CapabilitiesReason": f"The following resource(s) require capabilities: {needed}" if needed else None,
            "ResourceTypes": sorted({resource["Type"] for resource in template.resources.values()}),
            "Version": str(template.body.get("AWSTemplateFormatVersion", "2010-09-09")),
        }

    def validate_template(self, parameters, caller):
        template = self.template(parameters, caller)
        declared = [
            {
                "ParameterKey": item["ParameterKey"], "DefaultValue": item["DefaultValue"], "NoEcho": item["NoEcho"],
                "Description": item["Description"],
            }
            for item in self._declared(template)
        ]
        return {
            "Parameters": declared, "Description": template.body.get("Description"),
            "Capabilities": needed_capabilities(template),
        }

    @staticmethod
    def _declared(template):
        return [
            {
                "ParameterKey": name, "ParameterType": item.get("Type", "String"),
                "DefaultValue": str(item["Default"]) if "Default" in item else None,
                "NoEcho": str(item.get("NoEcho")).lower() == "true", "Description": item.get("Description"),
                "ParameterConstraints": {"AllowedValues": [str(value) for value in item.get("AllowedValues", [])]},
            }
            for name, item in template.parameters.items()
        ]

    # --- What they share ---------------------------------------------------------------------------------------------

    def changes(self, stack, template, values):
        return changes.between(stack, template, values, lambda attribute: stack.scope(template, values, attribute))

    def made(self, name, caller):
        stack = Stack(self._region, name, caller)
        self._stacks.append(stack)
        return stack

    def find(self, name):
        """A stack by name, or by id."""
        for stack in reversed(self._stacks):
            if stack.id == name or (stack.name == name and stack.deleted is None):
                return stack
        return None

    def existing(self, name, or_deleted=False, absent="Stack with id {} does not exist"):
        stack = self.find(name)
        if stack is None or (stack.deleted is not None and not or_deleted):
            raise validation_error(absent.format(name))
        return stack

    @staticmethod
    def check_updatable(stack):
        if stack.status not in UPDATABLE:
            raise validation_error(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")

    def template(self, parameters, caller, stack=None):
        given = [key for key in ("TemplateBody", "TemplateURL", "UsePreviousTemplate") if parameters.get(key)]
        if len(given) != 1:
            raise validation_error("Either Template URL or Template Body must be specified.")
        if given == ["UsePreviousTemplate"]:
            if stack is None or stack.template is None:
                raise validation_error("There is no previous template to use.")
            return stack.template
        if given == ["TemplateURL"]:
            return Template(self._from_s3(parameters["TemplateURL"], caller), TYPES)
        text = parameters["TemplateBody"]
        if len(text.encode()) > INLINE_MAX:
            raise validation_error(
                f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have "
                f"length less than or equal to {INLINE_MAX}"
            )
        return Template(text, TYPES)

    @staticmethod
    def _from_s3(url, caller):
        """`url`: `https://BUCKET.s3.REGION.amazonaws.com/KEY`, or with the bucket in the path, as on our own port."""
        host, _, path = url.partition("://")[2].partition("/")
        if ".s3." in host or ".s3-" in host:
            bucket, key = host.partition(".s3")[0], path
        else:
            bucket, _, key = path.partition("/")
        caller.require("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        try:
            found = s3_backends[ACCOUNT]["aws"].get_object(bucket, key)
        except Exception:  # moto's own errors: no such bucket.
            found = None
        if found is None:
            raise validation_error(f"S3 error: The specified key does not exist: {url}")
        if len(found.value) > S3_MAX:
            raise validation_error(f"Template file exceeds {S3_MAX} bytes")
        return found.value.decode()

    def actor(self, role, caller):
        """CloudFormation acts with a role if it was given one, else as whoever asked."""
        if role is None:
            return caller
        caller.require("iam:PassRole", role, {"iam:PassedToService": "cloudformation.amazonaws.com"})
        return self._region.world.identities.role(role) or Caller("cloudformation", role, None, None)

    def _page(self, items, parameters):
        return page(items, parameters, 100, validation_error("Invalid NextToken"))


def needed_capabilities(template):
    roles = [item for item in template.resources.values() if item["Type"].startswith("AWS::IAM::")]
    if not roles:
        return []
    named = any("RoleName" in (item.get("Properties") or {}) for item in roles)
    return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]


def check_template(template, values, region, capabilities):
    """Refuses what is refused before anything is made: conditions that come to nothing, missing capabilities."""
    Scope(template, values, {**dict.fromkeys(PSEUDO, ""), "AWS::Region": region}, None).check_conditions()
    for needed in needed_capabilities(template):
        if needed not in capabilities and "CAPABILITY_NAMED_IAM" not in capabilities:
            raise ServiceError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
