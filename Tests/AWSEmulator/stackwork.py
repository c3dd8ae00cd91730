"""A stack's creation, update, way back and deletion: what happens to its resources, one after the other."""

from clock import Process
from errors import ServiceError
from resourcetypes import TYPES, Failed, Work


REPLACED = "Requested update requires the creation of a new physical resource; hence creating one."


class Cancelled(Exception):
    """The update was cancelled."""


class Resource:
    """One resource of a stack. `given`: its properties as the template gives them; `properties`: with its name."""

    def __init__(self, logical, resource_type, region):
        self.logical = logical
        self.resource_type = resource_type
        self._region = region
        self.physical = None
        self.given = {}
        self.properties = {}
        self.deletion_policy = "Delete"
        self.replace_policy = "Delete"
        self.status = None
        self.reason = None
        self.updated = None

    @property
    def kind(self):
        return TYPES[self.resource_type]

    def physical_attribute(self, name):
        if name is None:
            return self.physical
        return self.kind.attributes(self._region, self.physical, self.properties)[name]


class Step:
    """What was done to one resource, so that it can be undone. `old`: the resource before, or None."""

    def __init__(self, old, new, is_update):
        self.old = old
        self.new = new
        # In place; otherwise `new` is another thing than `old`.
        self.is_update = is_update


class Operation:
    """One creation or update of `stack`, as `caller`, to `template` with `values`."""

    def __init__(self, region, stack, template, values, caller, token, on_failure="ROLLBACK"):
        self._region = region
        self._clock = region.clock
        self._stack = stack
        self._template = template
        self._values = values
        self._caller = caller
        self._token = token
        self._on_failure = on_failure
        self._steps = []
        self._before = (stack.template, stack.values, dict(stack.resources))

    def start(self, is_creation):
        self._word = "CREATE" if is_creation else "UPDATE"
        self._say("IN_PROGRESS", "User Initiated")
        self._stack.operation = self
        self._stack.process = Process(self._clock, self._run()).start()

    def cancel(self):
        self._stack.process.interrupt(Cancelled("Update cancelled."))

    def _run(self):
        failed = []
        try:
            yield from self._forward(failed)
        except Cancelled as reason:
            yield from self._back(str(reason))
            return
        except Failed:
            word = "create" if self._word == "CREATE" else "update"
            yield from self._back(f"The following resource(s) failed to {word}: [{', '.join(failed)}]. ")
            return
        if self._word == "UPDATE":
            self._say("COMPLETE_CLEANUP_IN_PROGRESS")
            yield from self._clean_up()
        self._stack.template, self._stack.values = self._template, self._values
        self._stack.refresh_outputs()
        self._say("COMPLETE")

    # --- Forward -----------------------------------------------------------------------------------------------------

    def _forward(self, failed):
        scope = self._stack.scope(self._template, self._values, self._attribute)
        active = scope.active
        for name in self._template.order(active):
            failed.append(name)
            try:
                yield from self._bring(name, scope.properties(name))
            except ServiceError as error:
                # A function that cannot be evaluated.
                self._event(self._stack.resources.get(name), "FAILED", error.message, name=name)
                raise Failed(error.message) from None
            failed.pop()
        self._gone = [item for name, item in self._before[2].items() if name not in active]

    def _attribute(self, name, wanted):
        return self._stack.resources[name].physical_attribute(wanted)

    def _bring(self, name, given):
        definition = self._template.resources[name]
        old = self._stack.resources.get(name)
        new = Resource(name, definition["Type"], self._region)
        new.given = given
        new.deletion_policy = definition.get("DeletionPolicy", "Delete")
        new.replace_policy = definition.get("UpdateReplacePolicy", "Delete")
        if old is not None and old.resource_type == new.resource_type:
            changed = {key for key in set(old.given) | set(given) if old.given.get(key) != given.get(key)}
            if not changed:
                old.deletion_policy, old.replace_policy = new.deletion_policy, new.replace_policy
                return
            if not changed & new.kind.replacing:
                yield from self._update(old, new)
                return
        yield from self._create(old, new, "CREATE" if old is None else "UPDATE")

    def _create(self, old, new, word):
        work = Work(self._stack, self._region, new.logical, self._caller, is_rollback=False)
        new.properties = new.kind.named(new.given, work)
        why = None if old is None else REPLACED
        new.physical = None if old is None else old.physical
        self._event(new, "IN_PROGRESS", why, word=word)
        try:
            new.kind.check(new.properties)
            new.physical = yield from new.kind.create(work, new.properties)
            work.may("create", new)
        except Failed as reason:
            # A failed endpoint is there and must go again; what had the name already is not ours.
            if work.has_called:
                self._steps.append(Step(old, new, is_update=False))
            self._event(new, "FAILED", str(reason), word=word)
            raise
        self._steps.append(Step(old, new, is_update=False))
        self._stack.resources[new.logical] = new
        self._event(new, "COMPLETE", None, word=word)

    def _update(self, old, new, is_rollback=False):
        work = Work(self._stack, self._region, new.logical, self._caller, is_rollback)
        new.physical = old.physical
        name = new.kind.name_property
        new.properties = {**new.given, name: old.properties[name]} if name else dict(new.given)
        self._event(new, "IN_PROGRESS", None, word="UPDATE")
        if not is_rollback:
            self._steps.append(Step(old, new, is_update=True))
        try:
            new.kind.check(new.properties)
            yield from new.kind.update(work, new.physical, old.properties, new.properties)
            work.may("update", new)
        except Failed as reason:
            self._event(new, "FAILED", str(reason), word="UPDATE")
            raise
        self._stack.resources[new.logical] = new
        self._event(new, "COMPLETE", None, word="UPDATE")

    def _clean_up(self):
        """Deletes what was replaced and what the template no longer has. A failure here is told, no more."""
        replaced = [step.old for step in self._steps if step.old is not None and not step.is_update]
        for resource in reversed(replaced):
            yield from self._delete(resource, resource.replace_policy)
        for resource in reversed(self._gone):
            yield from self._delete(resource, resource.deletion_policy)
            self._stack.resources.pop(resource.logical, None)

    def _delete(self, resource, policy):
        if policy.startswith("Retain"):
            self._event(resource, "SKIPPED", None, word="DELETE")
            return
        self._event(resource, "IN_PROGRESS", None, word="DELETE")
        work = Work(self._stack, self._region, resource.logical, self._caller, is_rollback=False)
        try:
            work.may("delete", resource)
            yield from resource.kind.delete(work, resource.physical, resource.properties)
        except Failed as reason:
            self._event(resource, "FAILED", str(reason), word="DELETE")
            return
        self._event(resource, "COMPLETE", None, word="DELETE")

    # --- Back --------------------------------------------------------------------------------------------------------

    def _back(self, reason):
        stack = self._stack
        if self._on_failure == "DO_NOTHING":
            self._say("FAILED", reason)
            return
        if self._word == "CREATE":
            self._word = "ROLLBACK"
            self._say("IN_PROGRESS", f"{reason}Rollback requested by user.")
            for step in reversed(self._steps):
                if step.new.deletion_policy == "Retain" and step.new.status == "CREATE_COMPLETE":
                    self._event(step.new, "SKIPPED", None, word="DELETE")
                else:
                    yield from self._delete(step.new, "Delete")
                stack.resources.pop(step.new.logical, None)
            self._say("COMPLETE")
            if self._on_failure == "DELETE":
                stack.delete(self._caller, self._token)
            return
        self._word = "UPDATE_ROLLBACK"
        self._say("IN_PROGRESS", reason)
        yield from self.roll_back(set())

    def roll_back(self, skipped):
        """Undoes the steps. Those in `skipped` count as undone."""
        stack = self._stack
        failed = []
        for step in reversed(self._steps):
            if step.is_update and step.new.logical not in skipped:
                try:
                    yield from self._update(step.new, _copy(step.old, self._region), is_rollback=True)
                except Failed:
                    failed.append(step.new.logical)
        if failed:
            self._say("FAILED", f"The following resource(s) failed to update: [{', '.join(failed)}]. ")
            return
        self._say("COMPLETE_CLEANUP_IN_PROGRESS")
        for step in reversed(self._steps):
            if not step.is_update:
                is_kept = step.new.status.endswith("_COMPLETE") and step.new.deletion_policy == "Retain"
                yield from self._delete(step.new, "Retain" if is_kept else "Delete")
        restored = {name: stack.resources.get(name, item) for name, item in self._before[2].items()}
        for step in self._steps:
            if step.old is not None and not step.is_update:
                restored[step.old.logical] = step.old
                self._event(step.old, "COMPLETE", None, word="UPDATE")
        stack.resources = restored
        stack.template, stack.values = self._before[0], self._before[1]
        self._steps = []
        self._say("COMPLETE")

    def retry_rollback(self, skipped):
        """ContinueUpdateRollback."""
        self._say("IN_PROGRESS", "User Initiated")
        self._stack.process = Process(self._clock, self.roll_back(set(skipped))).start()

    # --- Told --------------------------------------------------------------------------------------------------------

    def _say(self, what, reason=None):
        self._stack.become(f"{self._word}_{what}", reason, self._token)

    def _event(self, resource, what, reason, word=None, name=None):
        if resource is None:
            resource = Resource(name, self._template.resources[name]["Type"], self._region)
        self._stack.resource_event(resource, f"{word or self._word}_{what}", reason, self._token)


def _copy(resource, region):
    copy = Resource(resource.logical, resource.resource_type, region)
    copy.given, copy.properties, copy.physical = resource.given, resource.properties, resource.physical
    copy.deletion_policy, copy.replace_policy = resource.deletion_policy, resource.replace_policy
    return copy
