import RolloutSpec
import Testing

/// Whole messages, as a person sees them.
@Suite struct `What a target cannot run` {
  @Test func `a type of instance is asked for`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, ", type: ml.m5.xlarge", "")
      ])
    #expect(
      files.textOfWords == """
        error[R0366]: SageMaker must know what to run 'fox-prod' on
         --> Environments/production.yaml:7:11
          |
        7 | endpoint: {name: fox-prod, instances: 4}
          |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 'type' is missing
          = help: add 'type: ml.m5.xlarge', or another type of instance

        """)
  }

  @Test func `a type of instance is none of a machine's business`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production,
          "target:\n  provider: sagemaker\n  region: us-east-1\n  role: arn:aws:iam::123456789012:role/fox\n  template: ../Templates/production.yaml",
          "target: {provider: local}"
        ),
        (
          SageMakerFiles.pipeline, "{provider: sagemaker, region: us-east-1, group: fox}",
          "{provider: local, path: ../registry, group: fox}"
        ),
      ])
    #expect(
      files.textOfWords == """
        error[R0367]: the local target runs on this machine, which has no type
         --> Environments/production.yaml:3:48
          |
        3 | endpoint: {name: fox-prod, instances: 4, type: ml.m5.xlarge}
          |                                                ^^^^^^^^^^^^
          = help: remove it

        """)
  }

  @Test func `SageMaker cannot run what a local registry holds`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.pipeline, "{provider: sagemaker, region: us-east-1, group: fox}",
          "{provider: local, path: ../registry, group: fox}"
        )
      ])
    #expect(
      files.textOfWords == """
        error[R0370]: SageMaker cannot run a package of a local registry
         --> Environments/production.yaml:3:13
          |
        3 |   provider: sagemaker
          |             ^^^^^^^^^ it knows packages by the ARN that its own registry gives them
         ::: Environments/pipeline.yaml:2:22
          |
        2 | registry: {provider: local, path: ../registry, group: fox}
          |                      ----- the models are here
          = help: write 'registry: {provider: sagemaker, region: …, group: …}'

        """)
  }

  @Test func `one machine cannot run what SageMaker's registry holds`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production,
          "target:\n  provider: sagemaker\n  region: us-east-1\n  role: arn:aws:iam::123456789012:role/fox\n  template: ../Templates/production.yaml",
          "target: {provider: local}"
        ),
        (SageMakerFiles.production, ", type: ml.m5.xlarge", ""),
      ])
    #expect(
      files.textOfWords == """
        error[R0370]: the local target cannot run a package of SageMaker's registry
         --> Environments/production.yaml:2:20
          |
        2 | target: {provider: local}
          |                    ^^^^^ such a package names a container, and no command to run
         ::: Environments/pipeline.yaml:2:22
          |
        2 | registry: {provider: sagemaker, region: us-east-1, group: fox}
          |                      --------- the models are here
          = help: write 'registry: {provider: local, path: …, group: …}'

        """)
  }

  @Test func `batches are SageMaker's alone`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (
          SageMakerFiles.production,
          "target:\n  provider: sagemaker\n  region: us-east-1\n  role: arn:aws:iam::123456789012:role/fox\n  template: ../Templates/production.yaml",
          "target: {provider: local}"
        ),
        (SageMakerFiles.production, ", type: ml.m5.xlarge", ""),
        (
          SageMakerFiles.pipeline, "{provider: sagemaker, region: us-east-1, group: fox}",
          "{provider: local, path: ../registry, group: fox}"
        ),
        (
          SageMakerFiles.production, "  canary:\n    steps: [{weight: 25%, bake: 10m}]\n    bakeAfter: 10m",
          "  rolling: {batch: 25%, bake: 10m}"
        ),
      ])
    #expect(
      files.textOfWords == """
        error[R0357]: the local target does not replace instances in batches
         --> Environments/production.yaml:6:12
          |
        6 |   rolling: {batch: 25%, bake: 10m}
          |            ^^^^^^^^^^^^^^^^^^^^^^^ SageMaker's rolling deployments do
          = help: write 'linear: {step: 25%, bake: 5m}': traffic moves in the same steps, the old instances stay

        """)
  }

  @Test func `a package of another region is a warning at both places`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "region: us-east-1", "region: eu-west-1")
      ])
    #expect(
      files.textOfWords == """
        warning[R0373]: the endpoint and the models are in different regions
         --> Environments/production.yaml:4:11
          |
        4 |   region: eu-west-1
          |           ^^^^^^^^^ eu-west-1
         ::: Environments/pipeline.yaml:2:41
          |
        2 | registry: {provider: sagemaker, region: us-east-1, group: fox}
          |                                         --------- us-east-1
          = help: SageMaker runs packages of its own region: copy the group, or move the endpoint

        """)
  }

  @Test func `a region, a role and a type that AWS could not have are refused together`() throws {
    let files = try SpecFixture.onSageMaker(
      [
        (SageMakerFiles.production, "region: us-east-1", "region: Virginia"),
        (SageMakerFiles.production, "arn:aws:iam::123456789012:role/fox", "fox"),
        (SageMakerFiles.production, "ml.m5.xlarge", "m5.xlarge"),
      ])
    #expect(
      files.textOfWords == """
        error[R0104]: 'region' must be the name of an AWS region
         --> Environments/production.yaml:4:11
          |
        4 |   region: Virginia
          |           ^^^^^^^^
          = help: write it like 'us-east-1'

        error[R0104]: 'role' must be the ARN of a role
         --> Environments/production.yaml:5:9
          |
        5 |   role: fox
          |         ^^^
          = help: write it like 'arn:aws:iam::123456789012:role/eye-catcher'

        error[R0104]: 'type' must be a type of instance
         --> Environments/production.yaml:7:48
          |
        7 | endpoint: {name: fox-prod, instances: 4, type: m5.xlarge}
          |                                                ^^^^^^^^^
          = help: write it like 'ml.m5.xlarge'

        """)
  }
}
