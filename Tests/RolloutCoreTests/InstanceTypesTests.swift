import RolloutCore
import Testing

@Suite struct `Instance types` {
  @Test(arguments: [
    ("ml.m5.xlarge", 4), ("ml.t2.medium", 2), ("ml.c4.8xlarge", 36), ("ml.c5.9xlarge", 36), ("ml.c8g.medium", 1),
    ("ml.m7i.48xlarge", 192), ("ml.g5.12xlarge", 48), ("ml.inf2.xlarge", 4),
  ])
  func `have as many cores as EC2 says`(_ type: String, _ cores: Int) {
    #expect(InstanceTypes.vCPUs(of: type) == cores)
  }

  @Test func `have memory and accelerators where it is known`() {
    #expect(InstanceTypes.memoryGiB(of: "ml.m5.xlarge") == 16)
    #expect(InstanceTypes.memoryGiB(of: "ml.r6i.2xlarge") == 64)
    #expect(InstanceTypes.accelerators(of: "ml.g5.12xlarge") == 4)
    #expect(InstanceTypes.accelerators(of: "ml.m5.xlarge") == nil)
  }

  @Test(arguments: ["ml.m5.huge", "m5.xlarge", "ml.m5", "", "ml.m5.xlarge.", "ml.m6i.48xlarge"])
  func `that do not exist are not known`(_ type: String) {
    #expect(!InstanceTypes.isKnown(type) && InstanceTypes.vCPUs(of: type) == nil)
  }

  @Test func `are all of SageMaker's, each once and with its cores`() {
    #expect(InstanceTypes.names.count == 271 && Set(InstanceTypes.names).count == 271)
    #expect(InstanceTypes.names.allSatisfy { (InstanceTypes.vCPUs(of: $0) ?? 0) > 0 })
  }
}
