import FoundationEssentials
package import RolloutCore
package import RolloutDiagnostics

/// Reads the files that users write. Touches nothing, and reports every problem it finds at once.
package struct SpecLoader: Sendable {
  private let variables: [String: String]
  private let workingDirectory: String

  /// `environment` is what `${NAME}` reads; relative paths start at `workingDirectory`, and messages show paths from
  /// there.
  package init(
    environment: [String: String], workingDirectory: String = FileManager.default.currentDirectoryPath
  ) {
    variables = environment
    self.workingDirectory = realPath(workingDirectory) ?? workingDirectory
  }

  /// Reads `pipeline.yaml` in a directory, the environments that it names, and the files that those name.
  package func load(directory: String = "Environments") -> LoadedSpecs {
    var assembly = SpecAssembly(files: SpecFiles(variables: variables, workingDirectory: workingDirectory))
    let specs = assembly.load(directory: absolutePath(directory, from: workingDirectory), named: directory)
    return LoadedSpecs(specs: specs, diagnostics: assembly.files.diagnostics)
  }

  /// Reads `pipeline.yaml` alone: enough to look and to roll back, whatever is wrong in the other files.
  package func loadPipeline(directory: String = "Environments") -> LoadedPipeline {
    var assembly = SpecAssembly(files: SpecFiles(variables: variables, workingDirectory: workingDirectory))
    let pipeline = assembly.loadPipeline(directory: absolutePath(directory, from: workingDirectory), named: directory)
    return LoadedPipeline(
      pipeline: assembly.files.diagnostics.hasErrors ? nil : pipeline, diagnostics: assembly.files.diagnostics.sorted)
  }

  /// Reads `model.yaml` in the directory of a model.
  package func loadModel(directory: String) -> LoadedModel {
    var files = SpecFiles(variables: variables, workingDirectory: workingDirectory)
    let path = absolutePath(directory, from: workingDirectory) + "/model.yaml"
    let manifest = files.read(path, as: .modelManifest, namedAt: nil)?.value
    return LoadedModel(
      manifest: files.diagnostics.hasErrors ? nil : manifest, diagnostics: files.diagnostics.sorted)
  }
}

/// What a pipeline's files say.
package struct Specs: Hashable, Sendable {
  package var pipeline: Pipeline
  /// In the order of the pipeline's stages.
  package var environments: [EnvironmentSpec]

  package func environment(_ name: String) -> EnvironmentSpec? { environments.first { $0.name == name } }
}

package struct LoadedSpecs: Sendable {
  /// `nil` when there are errors.
  package let specs: Specs?
  /// In the order of files and positions.
  package let diagnostics: [Diagnostic]

  init(specs: Specs?, diagnostics: Diagnostics) {
    self.specs = diagnostics.hasErrors ? nil : specs
    self.diagnostics = diagnostics.sorted
  }
}

package struct LoadedPipeline: Sendable {
  /// `nil` when there are errors.
  package let pipeline: Pipeline?
  package let diagnostics: [Diagnostic]
}

package struct LoadedModel: Sendable {
  /// `nil` when there are errors.
  package let manifest: ModelManifest?
  package let diagnostics: [Diagnostic]
}
