"""One CloudFormation stack: what it has, its events, and its deletion."""

import json

from clock import Process
from identity import ACCOUNT
from resourcetypes import Failed, Work
from stackwork import Operation
from templates import Scope


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
                work.may("delete", resource)
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
