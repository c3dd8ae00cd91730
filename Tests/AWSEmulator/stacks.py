"""CloudFormation: stacks, change sets and events. The work on resources is in `stackwork.py`."""

import json

import changes
from clock import Process
from errors import ServiceError, validation_error
from identity import ACCOUNT, Caller
from moto.s3.models import s3_backends
from pages import page
from resourcetypes import TYPES, Failed, Work
from stackwork import Operation
from templates import INLINE_MAX, S3_MAX, Scope, Template

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
UPDATABLE = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "UPDATE_FAILED",
}


class Stack:
    def __init__(self, region, name, caller):
        self._region = region
        self._clock = region.clock
        self.name = name
        self.id = region.arn("cloudformation", f"stack/{name}/{region.world.unique()}")
        self.status = None
        self.reason = None
        self.template = None
        self.values = {}
        self.resources = {}
        self.change_sets = {}
        self.change_set_id = None
        self.capabilities = []
        self.tags = []
        self.outputs = []
        self.role = None
        self.is_protected = False
        self.created = self._clock.now
        self.updated = None
        self.deleted = None
        self.events = []
        self.process = None
        self.operation = None

    def scope(self, template, values, attribute):
        pseudo = {
            "AWS::AccountId": ACCOUNT, "AWS::Region": self._region.name, "AWS::StackId": self.id,
            "AWS::StackName": self.name, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
            "AWS::NotificationARNs": [],
        }
        return Scope(template, values, pseudo, attribute)

    def refresh_outputs(self):
        def attribute(name, wanted):
            return self.resources[name].physical_attribute(wanted)

        self.outputs = self.scope(self.template, self.values, attribute).outputs()

    def begin(self, template, values, caller, token, is_creation, on_failure="ROLLBACK"):
        if not is_creation:
            self.updated = self._clock.now
        Operation(self._region, self, template, values, caller, token, on_failure).start(is_creation)

    def delete(self, caller, token, retained=()):
        if self.process is not None:
            self.process.stop()
        self.become("DELETE_IN_PROGRESS", "User Initiated", token)
        self.process = Process(self._clock, self._deletion(caller, token, retained)).start()

    def _deletion(self, caller, token, retained):
        order = self.template.order(set(self.resources)) if self.template else []
        failed = []
        for name in reversed(order):
            resource = self.resources[name]
            if resource.deletion_policy.startswith("Retain") or name in retained:
                self.resource_event(resource, "DELETE_SKIPPED", None, token)
                del self.resources[name]
                continue
            self.resource_event(resource, "DELETE_IN_PROGRESS", None, token)
            work = Work(self, self._region, name, caller, is_rollback=False)
            try:
                yield from resource.kind.delete(work, resource.physical, resource.properties)
            except Failed as reason:
                self.resource_event(resource, "DELETE_FAILED", str(reason), token)
                failed.append(name)
                continue
            self.resource_event(resource, "DELETE_COMPLETE", None, token)
            del self.resources[name]
        if failed:
            self.become(
                "DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. ", token
            )
            return
        yield 1
        self.deleted = self._clock.now
        self.become("DELETE_COMPLETE", None, token)

    # --- Events ------------------------------------------------------------------------------------------------------

    def become(self, status, reason, token):
        self.status = status
        self.reason = reason
        self._event(self.name, self.id, "AWS::CloudFormation::Stack", status, reason, token)

    def resource_event(self, resource, status, reason, token):
        resource.status, resource.reason, resource.updated = status, reason, self._clock.now
        self._event(
            resource.logical, resource.physical or "", resource.resource_type, status, reason, token,
            json.dumps(resource.given),
        )

    def _event(self, logical, physical, kind, status, reason, token, properties=None):
        self.events.append(
            {
                "StackId": self.id, "StackName": self.name,
                "EventId": f"{logical}-{status}-{self._region.world.unique()}",
                "LogicalResourceId": logical, "PhysicalResourceId": physical, "ResourceType": kind,
                "Timestamp": self._clock.now, "ResourceStatus": status, "ResourceStatusReason": reason,
                "ResourceProperties": properties, "ClientRequestToken": token,
            }
        )

    def description(self):
        return {
            "StackId": self.id, "StackName": self.name, "ChangeSetId": self.change_set_id,
            "Description": self.template and self.template.body.get("Description"),
            "Parameters": self.shown_parameters(self.template, self.values), "CreationTime": self.created,
            "LastUpdatedTime": self.updated, "DeletionTime": self.deleted, "DisableRollback": False,
            "StackStatus": self.status, "StackStatusReason": self.reason, "NotificationARNs": [],
            "Capabilities": self.capabilities, "Outputs": self.outputs, "RoleARN": self.role, "Tags": self.tags,
            "EnableTerminationProtection": self.is_protected,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }

    @staticmethod
    def shown_parameters(template, values):
        if template is None:
            return []
        return [
            {
                "ParameterKey": name,
                "ParameterValue": "****" if str(template.parameters[name].get("NoEcho")).lower() == "true" else value,
            }
            for name, value in values.items()
        ]


class ChangeSet:
    def __init__(self, region, stack, parameters, template, values):
        self.name = parameters["ChangeSetName"]
        self.id = region.arn("cloudformation", f"changeSet/{self.name}/{region.world.unique()}")
        self.stack = stack
        self.template = template
        self.values = values
        self.token = parameters.get("ClientToken")
        self.description_text = parameters.get("Description")
        self.is_creation = stack.status == "REVIEW_IN_PROGRESS"
        self.capabilities = parameters.get("Capabilities", [])
        self.tags = parameters.get("Tags")
        self.role = parameters.get("RoleARN")
        self.on_failure = parameters.get("OnStackFailure", "ROLLBACK")
        self.created = region.clock.now
        self.status = "CREATE_PENDING"
        self.execution_status = "UNAVAILABLE"
        self.reason = None
        self.changes = []

    def summary(self):
        return {
            "StackId": self.stack.id, "StackName": self.stack.name, "ChangeSetId": self.id, "ChangeSetName": self.name,
            "Description": self.description_text, "CreationTime": self.created, "Status": self.status,
            "ExecutionStatus": self.execution_status, "StatusReason": self.reason,
        }


class Stacks:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self._stacks = []
        self._executed = {}

    @property
    def live(self):
        return [stack for stack in self._stacks if stack.deleted is None]

    # --- Stacks ------------------------------------------------------------------------------------------------------

    def create_stack(self, parameters, caller):
        name = parameters["StackName"]
        existing = self._find(name)
        if existing is not None:
            raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
        template = self._template(parameters, caller)
        values = template.values(parameters.get("Parameters", []), {})
        check_capabilities(template, parameters.get("Capabilities", []))
        stack = self._new_stack(name, caller)
        self._take_over(stack, parameters)
        on_failure = parameters.get("OnFailure", "DO_NOTHING" if parameters.get("DisableRollback") else "ROLLBACK")
        actor = self._actor(parameters.get("RoleARN"), caller)
        stack.template, stack.values = template, values
        stack.begin(template, values, actor, parameters.get("ClientRequestToken"), True, on_failure)
        return {"StackId": stack.id}

    def update_stack(self, parameters, caller):
        stack = self._live(parameters["StackName"])
        template = self._template(parameters, caller, stack)
        values = template.values(parameters.get("Parameters", []), stack.values)
        check_capabilities(template, parameters.get("Capabilities", []))
        self._check_updatable(stack)
        if not self._changes(stack, template, values) and self._keeps_tags(stack, parameters):
            raise validation_error("No updates are to be performed.")
        self._take_over(stack, parameters)
        actor = self._actor(parameters.get("RoleARN") or stack.role, caller)
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
        stack = self._find(parameters["StackName"])
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
        actor = self._actor(parameters.get("RoleARN") or stack.role, caller)
        stack.delete(actor, parameters.get("ClientRequestToken"), parameters.get("RetainResources", ()))

    def cancel_update_stack(self, parameters, caller):
        stack = self._live(parameters["StackName"])
        if stack.status != "UPDATE_IN_PROGRESS":
            raise validation_error("CancelUpdateStack cannot be called from current stack status")
        stack.operation.cancel()

    def continue_update_rollback(self, parameters, caller):
        stack = self._live(parameters["StackName"])
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise validation_error(
                f"Stack:{stack.id} is in {stack.status} state and can not continue update rollback."
            )
        stack.operation.retry_rollback(parameters.get("ResourcesToSkip", []))

    def update_termination_protection(self, parameters, caller):
        stack = self._live(parameters["StackName"])
        stack.is_protected = parameters["EnableTerminationProtection"]
        return {"StackId": stack.id}

    def describe_stacks(self, parameters, caller):
        name = parameters.get("StackName")
        kept = [self._live(name, or_deleted=True)] if name else [item for item in self._stacks if item.deleted is None]
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
        stack = self._live(parameters["StackName"], or_deleted=True, absent="Stack [{}] does not exist")
        items, token = self._page(list(reversed(stack.events)), parameters)
        return {"StackEvents": items, "NextToken": token}

    def list_stack_resources(self, parameters, caller):
        stack = self._live(parameters["StackName"], or_deleted=True)
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
        stack = self._live(parameters["StackName"], or_deleted=True)
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
            template = self._live(parameters["StackName"], or_deleted=True).template
        if template is None:
            raise validation_error(f"Stack with id {parameters['StackName']} has no template yet")
        return {"TemplateBody": template.text, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, parameters, caller):
        if "StackName" in parameters:
            template = self._live(parameters["StackName"]).template
        else:
            template = self._template(parameters, caller)
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
        template = self._template(parameters, caller)
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

    # --- Change sets -------------------------------------------------------------------------------------------------

    def create_change_set(self, parameters, caller):
        name, wanted = parameters["StackName"], parameters.get("ChangeSetType", "UPDATE")
        if wanted == "IMPORT":
            raise validation_error("the emulator imports nothing")
        stack = self._find(name)
        if wanted == "UPDATE" and (stack is None or stack.status == "REVIEW_IN_PROGRESS"):
            if stack is None:
                raise validation_error(f"Stack [{name}] does not exist")
            self._check_updatable(stack)
        if wanted == "CREATE" and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise validation_error(
                f"Stack [{name}] already exists and cannot be created again with the changeSet "
                f"[{parameters['ChangeSetName']}]."
            )
        template = self._template(parameters, caller, stack)
        values = template.values(parameters.get("Parameters", []), stack.values if stack else {})
        check_capabilities(template, parameters.get("Capabilities", []))
        if stack is not None and parameters["ChangeSetName"] in stack.change_sets:
            known = stack.change_sets[parameters["ChangeSetName"]]
            if known.token is not None and known.token == parameters.get("ClientToken"):
                return {"Id": known.id, "StackId": stack.id}
            raise ServiceError(
                "AlreadyExistsException", f"ChangeSet {parameters['ChangeSetName']} already exists for stack {stack.id}"
            )
        if wanted == "UPDATE":
            self._check_updatable(stack)
        if stack is None:
            stack = self._new_stack(name, caller)
            stack.become("REVIEW_IN_PROGRESS", "User Initiated", parameters.get("ClientToken"))
        change_set = ChangeSet(self._region, stack, parameters, template, values)
        stack.change_sets[change_set.name] = change_set
        seconds = self._region.world.options["cloudFormation"]["changeSetSeconds"]
        self._clock.after(seconds / 2, lambda: setattr(change_set, "status", "CREATE_IN_PROGRESS"))
        self._clock.after(seconds, lambda: self._complete(change_set))
        return {"Id": change_set.id, "StackId": stack.id}

    def _complete(self, change_set):
        try:
            change_set.changes = self._changes(change_set.stack, change_set.template, change_set.values)
        except ServiceError as error:
            change_set.status, change_set.reason = "FAILED", error.message
            return
        keeps_tags = change_set.tags is None or change_set.tags == change_set.stack.tags
        if not change_set.changes and keeps_tags:
            change_set.status, change_set.reason = "FAILED", NO_CHANGES
            return
        change_set.status, change_set.execution_status = "CREATE_COMPLETE", "AVAILABLE"

    def _changes(self, stack, template, values):
        return changes.between(stack, template, values, lambda attribute: stack.scope(template, values, attribute))

    def describe_change_set(self, parameters, caller):
        change_set = self._change_set(parameters)
        error = validation_error("Invalid NextToken")
        items, token = page(change_set.changes, parameters, 100, error)
        return {
            **{key: value for key, value in change_set.summary().items()},
            "Parameters": Stack.shown_parameters(change_set.template, change_set.values),
            "Capabilities": change_set.capabilities, "Tags": change_set.tags or [], "NotificationARNs": [],
            "RollbackConfiguration": {}, "IncludeNestedStacks": False,
            "Changes": [change.description() for change in items], "NextToken": token,
        }

    def list_change_sets(self, parameters, caller):
        stack = self._live(parameters["StackName"])
        items, token = self._page([item.summary() for item in stack.change_sets.values()], parameters)
        return {"Summaries": items, "NextToken": token}

    def delete_change_set(self, parameters, caller):
        try:
            change_set = self._change_set(parameters)
        except ServiceError:
            if "StackName" in parameters:
                self._live(parameters["StackName"])
            return
        if change_set.execution_status == "EXECUTE_IN_PROGRESS":
            raise ServiceError(
                "InvalidChangeSetStatus",
                f"ChangeSet [{change_set.id}] cannot be deleted in its current status of EXECUTE_IN_PROGRESS",
            )
        change_set.stack.change_sets.pop(change_set.name, None)
        self._executed.pop(change_set.id, None)

    def execute_change_set(self, parameters, caller):
        change_set = self._change_set(parameters)
        stack = change_set.stack
        if change_set.execution_status != "AVAILABLE":
            status = change_set.status if change_set.status != "CREATE_COMPLETE" else change_set.execution_status
            raise ServiceError(
                "InvalidChangeSetStatus",
                f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{status}]",
            )
        if not change_set.is_creation:
            self._check_updatable(stack)
        # Its siblings are deleted; it stays to be read, and cannot be executed again.
        stack.change_sets.clear()
        self._executed[change_set.id] = change_set
        change_set.execution_status = "EXECUTE_IN_PROGRESS"
        stack.change_set_id = change_set.id
        stack.capabilities = change_set.capabilities
        stack.tags = change_set.tags if change_set.tags is not None else stack.tags
        stack.role = change_set.role or stack.role
        on_failure = "DO_NOTHING" if parameters.get("DisableRollback") else change_set.on_failure
        actor = self._actor(stack.role, caller)
        token = parameters.get("ClientRequestToken")

        def begin():
            if change_set.is_creation:
                stack.template, stack.values = change_set.template, change_set.values
            stack.begin(change_set.template, change_set.values, actor, token, change_set.is_creation, on_failure)
            change_set.execution_status = "EXECUTE_COMPLETE"

        self._clock.after(1, begin)

    def _change_set(self, parameters):
        wanted = parameters["ChangeSetName"]
        found = [item for stack in self._stacks for item in stack.change_sets.values()] + list(self._executed.values())
        for change_set in reversed(found):
            if wanted == change_set.id:
                return change_set
            names = (change_set.stack.name, change_set.stack.id)
            if wanted == change_set.name and parameters.get("StackName") in names and change_set.stack.deleted is None:
                return change_set
        if not wanted.startswith("arn:"):
            if "StackName" not in parameters:
                raise validation_error("StackName must be specified if ChangeSetName is not specified as an ARN.")
            self._live(parameters["StackName"], absent="Stack [{}] does not exist")
        raise ServiceError("ChangeSetNotFound", f"ChangeSet [{wanted}] does not exist", 404)

    # --- What they share ---------------------------------------------------------------------------------------------

    def _new_stack(self, name, caller):
        stack = Stack(self._region, name, caller)
        self._stacks.append(stack)
        return stack

    def _find(self, name):
        """A stack by name, or by id."""
        for stack in reversed(self._stacks):
            if stack.id == name or (stack.name == name and stack.deleted is None):
                return stack
        return None

    def _live(self, name, or_deleted=False, absent="Stack with id {} does not exist"):
        stack = self._find(name)
        if stack is None or (stack.deleted is not None and not or_deleted):
            raise validation_error(absent.format(name))
        return stack

    @staticmethod
    def _check_updatable(stack):
        if stack.status not in UPDATABLE:
            raise validation_error(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")

    def _template(self, parameters, caller, stack=None):
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
        """`https://BUCKET.s3.REGION.amazonaws.com/KEY`, or with the bucket in the path, as on this emulator's own port."""
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

    def _actor(self, role, caller):
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
    named = any("RoleName" in item.get("Properties", {}) for item in roles)
    return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]


def check_capabilities(template, given):
    for needed in needed_capabilities(template):
        if needed not in given and "CAPABILITY_NAMED_IAM" not in given:
            raise ServiceError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
