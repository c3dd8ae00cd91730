"""CloudFormation's change sets: they come about in their own time, and are executed once."""

from errors import ServiceError, validation_error
from pages import page
from stack import Stack
from stacks import check_template

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


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


class ChangeSets:
    def __init__(self, region):
        self._region = region
        self._clock = region.clock
        self._stacks = region.stacks
        self._executed = {}

    def create_change_set(self, parameters, caller):
        name, wanted = parameters["StackName"], parameters.get("ChangeSetType", "UPDATE")
        if wanted == "IMPORT":
            raise validation_error("the emulator imports nothing")
        stack = self._stacks.find(name)
        if wanted == "UPDATE" and (stack is None or stack.status == "REVIEW_IN_PROGRESS"):
            if stack is None:
                raise validation_error(f"Stack [{name}] does not exist")
            self._stacks.check_updatable(stack)
        if wanted == "CREATE" and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise validation_error(
                f"Stack [{name}] already exists and cannot be created again with the changeSet "
                f"[{parameters['ChangeSetName']}]."
            )
        template = self._stacks.template(parameters, caller, stack)
        values = template.values(parameters.get("Parameters", []), stack.values if stack else {})
        check_template(template, values, self._region.name, parameters.get("Capabilities", []))
        if stack is not None and parameters["ChangeSetName"] in stack.change_sets:
            known = stack.change_sets[parameters["ChangeSetName"]]
            if known.token is not None and known.token == parameters.get("ClientToken"):
                return {"Id": known.id, "StackId": stack.id}
            raise ServiceError(
                "AlreadyExistsException", f"ChangeSet {parameters['ChangeSetName']} already exists for stack {stack.id}"
            )
        if wanted == "UPDATE":
            self._stacks.check_updatable(stack)
        if stack is None:
            stack = self._stacks.made(name, caller)
            stack.become("REVIEW_IN_PROGRESS", "User Initiated", parameters.get("ClientToken"))
        change_set = ChangeSet(self._region, stack, parameters, template, values)
        stack.change_sets[change_set.name] = change_set
        seconds = self._region.world.options["cloudFormation"]["changeSetSeconds"]
        self._clock.after(seconds / 2, lambda: setattr(change_set, "status", "CREATE_IN_PROGRESS"))
        self._clock.after(seconds, lambda: self._complete(change_set))
        return {"Id": change_set.id, "StackId": stack.id}

    def _complete(self, change_set):
        try:
            change_set.changes = self._stacks.changes(change_set.stack, change_set.template, change_set.values)
        except ServiceError as error:
            change_set.status, change_set.reason = "FAILED", error.message
            return
        keeps_tags = change_set.tags is None or change_set.tags == change_set.stack.tags
        if not change_set.changes and keeps_tags:
            change_set.status, change_set.reason = "FAILED", NO_CHANGES
            return
        change_set.status, change_set.execution_status = "CREATE_COMPLETE", "AVAILABLE"

    def describe_change_set(self, parameters, caller):
        change_set = self._change_set(parameters)
        error = validation_error("Invalid NextToken")
        items, token = page(change_set.changes, parameters, 100, error)
        return {
            **change_set.summary(),
            "Parameters": Stack.shown_parameters(change_set.template, change_set.values),
            "Capabilities": change_set.capabilities, "Tags": change_set.tags or [], "NotificationARNs": [],
            "RollbackConfiguration": {}, "IncludeNestedStacks": False,
            "Changes": [change.description() for change in items], "NextToken": token,
        }

    def list_change_sets(self, parameters, caller):
        stack = self._stacks.existing(parameters["StackName"])
        error = validation_error("Invalid NextToken")
        items, token = page([item.summary() for item in stack.change_sets.values()], parameters, 100, error)
        return {"Summaries": items, "NextToken": token}

    def delete_change_set(self, parameters, caller):
        try:
            change_set = self._change_set(parameters)
        except ServiceError:
            if "StackName" in parameters:
                self._stacks.existing(parameters["StackName"])
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
            self._stacks.check_updatable(stack)
        # Its siblings are deleted; it stays to be read, and cannot be executed again.
        stack.change_sets.clear()
        self._executed[change_set.id] = change_set
        change_set.execution_status = "EXECUTE_IN_PROGRESS"
        stack.change_set_id = change_set.id
        stack.capabilities = change_set.capabilities
        stack.tags = change_set.tags if change_set.tags is not None else stack.tags
        stack.role = change_set.role or stack.role
        on_failure = "DO_NOTHING" if parameters.get("DisableRollback") else change_set.on_failure
        actor = self._stacks.actor(stack.role, caller)
        token = parameters.get("ClientRequestToken")

        def begin():
            if change_set.is_creation:
                stack.template, stack.values = change_set.template, change_set.values
            stack.begin(change_set.template, change_set.values, actor, token, change_set.is_creation, on_failure)
            change_set.execution_status = "EXECUTE_COMPLETE"

        self._clock.after(1, begin)

    def _change_set(self, parameters):
        wanted = parameters["ChangeSetName"]
        found = [item for stack in self._stacks.live for item in stack.change_sets.values()]
        found += self._executed.values()
        for change_set in reversed(found):
            if wanted == change_set.id:
                return change_set
            names = (change_set.stack.name, change_set.stack.id)
            if wanted == change_set.name and parameters.get("StackName") in names and change_set.stack.deleted is None:
                return change_set
        if not wanted.startswith("arn:"):
            if "StackName" not in parameters:
                raise validation_error("StackName must be specified if ChangeSetName is not specified as an ARN.")
            self._stacks.existing(parameters["StackName"], absent="Stack [{}] does not exist")
        raise ServiceError("ChangeSetNotFound", f"ChangeSet [{wanted}] does not exist", 404)
