import RolloutCore
import RolloutDiagnostics

extension SpecAssembly {
  mutating func lint(_ environment: Environment) {}
}
