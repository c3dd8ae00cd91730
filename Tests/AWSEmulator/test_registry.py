"""The Model Registry."""

import unittest

from serving import ServingCase


class RegistryTests(ServingCase):
    def package(self, number=0):
        return self.sagemaker.describe_model_package(ModelPackageName=self.arns[number])

    def test_versions_count_up_and_are_never_given_twice(self):
        self.assertEqual(["1", "2", "3", "4"], [arn.split("/")[-1] for arn in self.arns])
        self.sagemaker.delete_model_package(ModelPackageName=self.arns[3])
        arns = self.control("seed", {"group": "eye-catcher", "versions": [{}]})["arns"]
        self.assertEqual("5", arns[0].split("/")[-1])
        self.assert_refused(
            "ValidationException", "does not exist", self.sagemaker.describe_model_package,
            ModelPackageName=self.arns[3],
        )

    def test_a_group_is_made_once(self):
        self.assert_refused(
            "ValidationException", "already exists", self.sagemaker.create_model_package_group,
            ModelPackageGroupName="eye-catcher",
        )

    def test_an_update_keeps_what_it_does_not_name_and_moves_the_time(self):
        self.advance(1000)
        self.sagemaker.update_model_package(
            ModelPackageArn=self.arns[0], ApprovalDescription="good", CustomerMetadataProperties={"by": "me"}
        )
        before = self.package()
        self.advance(1000)
        self.sagemaker.update_model_package(ModelPackageArn=self.arns[0], ModelApprovalStatus="Rejected")
        after = self.package()
        self.assertEqual("Rejected", after["ModelApprovalStatus"])
        self.assertEqual("good", after["ApprovalDescription"])
        self.assertEqual({"accuracy": "0.6", "by": "me"}, after["CustomerMetadataProperties"])
        age = after["LastModifiedTime"] - before["LastModifiedTime"]
        self.assertAlmostEqual(0, age.total_seconds(), delta=2)  # both were read just after they were written
        self.assertAlmostEqual(2000, (after["LastModifiedTime"] - after["CreationTime"]).total_seconds(), delta=2)
        self.sagemaker.update_model_package(
            ModelPackageArn=self.arns[0], CustomerMetadataPropertiesToRemove=["by"]
        )
        self.assertEqual({"accuracy": "0.6"}, self.package()["CustomerMetadataProperties"])
        self.assertTrue(self.package()["LastModifiedBy"]["IamIdentity"]["Arn"].endswith(":user/emulator"))

    def test_listing_filters_sorts_and_pages(self):
        self.sagemaker.update_model_package(ModelPackageArn=self.arns[1], ModelApprovalStatus="Rejected")
        pages = self.sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName="eye-catcher", ModelApprovalStatus="Approved", SortBy="CreationTime",
            SortOrder="Descending", PaginationConfig={"PageSize": 2},
        )
        versions = [[item["ModelPackageVersion"] for item in page["ModelPackageSummaryList"]] for page in pages]
        self.assertEqual([[4, 3], [1]], versions)

    def test_ten_are_a_page_unless_said_otherwise(self):
        self.control("seed", {"group": "many", "versions": [{}] * 12})
        answer = self.sagemaker.list_model_packages(ModelPackageGroupName="many")
        self.assertEqual(10, len(answer["ModelPackageSummaryList"]))

    def test_several_at_once(self):
        missing = self.arns[0].rpartition("/")[0] + "/9"
        answer = self.sagemaker.batch_describe_model_package(ModelPackageArnList=[self.arns[0], missing])
        self.assertEqual([self.arns[0]], list(answer["ModelPackageSummaries"]))
        self.assertEqual([missing], list(answer["BatchDescribeModelPackageErrorMap"]))

    def test_tags(self):
        tag = {"Key": "team", "Value": "eyes"}
        self.sagemaker.add_tags(ResourceArn=self.arns[0], Tags=[tag])
        self.assertEqual([tag], self.sagemaker.list_tags(ResourceArn=self.arns[0])["Tags"])

    def test_seeds_say_everything_a_test_needs(self):
        arn = self.control("seed", {"group": "nose", "versions": [
            {"metrics": {"accuracy": 0.7}, "metadata": {"sizeBytes": "12"}, "variants": ["quantised"],
             "packageStatus": "Failed", "behaviour": {"errorRate": 1}}]})["arns"][0]
        package = self.sagemaker.describe_model_package(ModelPackageName=arn)
        self.assertEqual({"accuracy": "0.7", "sizeBytes": "12"}, package["CustomerMetadataProperties"])
        self.assertEqual(["quantised"], [item["Name"] for item in package["AdditionalInferenceSpecifications"]])
        self.assertEqual(("Failed", "PendingManualApproval"), (
            package["ModelPackageStatus"], package["ModelApprovalStatus"]))


if __name__ == "__main__":
    unittest.main()
