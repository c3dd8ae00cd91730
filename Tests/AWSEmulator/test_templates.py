"""What templates come to."""

import unittest

from errors import ServiceError
from resourcetypes import TYPES
from templates import Scope, Template

TEXT = """
Parameters:
  Name: {Type: String, Default: eye}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
  Size: {Type: Number, Default: 3}
Mappings:
  Cores: {ml.m5.xlarge: {count: 4}}
Conditions:
  IsEye: !Equals [!Ref Name, eye]
  IsBig: !Not [!Equals [!Ref Size, "3"]]
  Both: !And [!Condition IsEye, !Condition IsBig]
  Either: !Or [!Condition IsEye, !Condition IsBig]
Resources:
  Thing:
    Type: AWS::CloudFormation::WaitConditionHandle
  Model:
    Type: AWS::SageMaker::Model
    Condition: Both
"""


class FunctionTests(unittest.TestCase):
    def setUp(self):
        self.template = Template(TEXT, TYPES)
        self.values = self.template.values([], {})
        self.scope = Scope(
            self.template, self.values, {"AWS::Region": "us-east-1"}, lambda name, wanted: f"<{name}.{wanted}>"
        )

    def test_every_function(self):
        for value, expected in (
            ({"Ref": "Name"}, "eye"),
            ({"Ref": "Zones"}, ["a", "b"]),
            ({"Ref": "AWS::Region"}, "us-east-1"),
            ({"Ref": "Thing"}, "<Thing.None>"),
            ({"Fn::GetAtt": ["Model", "Id"]}, "<Model.Id>"),
            ({"Fn::GetAtt": "Model.Id"}, "<Model.Id>"),
            ({"Fn::Sub": "${Name}-${Model.Id}-${!Name}-${AWS::Region}"}, "eye-<Model.Id>-${Name}-us-east-1"),
            ({"Fn::Sub": ["${A}${Name}", {"A": {"Ref": "Size"}}]}, "3eye"),
            ({"Fn::If": ["IsEye", 1, 2]}, 1),
            ({"Fn::If": ["Both", 1, {"Fn::If": ["Either", "x", "y"]}]}, "x"),
            ({"a": {"Fn::If": ["Both", 1, {"Ref": "AWS::NoValue"}]}, "b": 2}, {"b": 2}),
            ([{"Ref": "AWS::NoValue"}, 1], [1]),
            ({"Fn::FindInMap": ["Cores", "ml.m5.xlarge", "count"]}, 4),
            ({"Fn::Join": ["-", {"Ref": "Zones"}]}, "a-b"),
            ({"Fn::Select": ["1", {"Fn::Split": ["/", "a/b"]}]}, "b"),
            ({"Fn::Base64": "a"}, "YQ=="),
        ):
            with self.subTest(value):
                self.assertEqual(expected, self.scope.value(value))

    def test_a_condition_decides_what_there_is(self):
        self.assertEqual({"Thing"}, self.scope.active)

    def test_what_cannot_be_found_is_said(self):
        with self.assertRaisesRegex(ServiceError, "Unable to get mapping for Cores::ml.c5.large::count"):
            self.scope.value({"Fn::FindInMap": ["Cores", "ml.c5.large", "count"]})
        with self.assertRaisesRegex(ServiceError, "no Fn::ImportValue"):
            self.scope.value({"Fn::ImportValue": "x"})

    def test_json_is_a_template_too(self):
        template = Template('{"Resources": {"A": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}', TYPES)
        self.assertEqual(["A"], template.order({"A"}))

    def test_resources_come_after_what_they_need(self):
        text = """
Resources:
  A: {Type: AWS::CloudFormation::WaitConditionHandle, DependsOn: B}
  B: {Type: AWS::CloudFormation::WaitConditionHandle, Properties: {X: !Sub "${C}"}}
  C: {Type: AWS::CloudFormation::WaitConditionHandle}
"""
        self.assertEqual(["C", "B", "A"], Template(text, TYPES).order({"A", "B", "C"}))


if __name__ == "__main__":
    unittest.main()
