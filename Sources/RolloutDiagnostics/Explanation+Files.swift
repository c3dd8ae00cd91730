extension DiagnosticCode {
  /// R00: files and YAML.
  var fileExplanation: Explanation? {
    switch self {
    case .fileNotFound:
      Explanation(
        "a file is not there",
        """
        A file is named and does not exist. Paths in a file start at the directory of that file, not at the one
        that you are in; a stage NAME is described by NAME.yaml beside pipeline.yaml.
        """, example: "smoke: [smoke/image.yaml]     # the file is smoke/images.yaml",
        mend: "smoke: [smoke/images.yaml]")
    case .notAFile:
      Explanation(
        "a directory or a device stands where a file must be",
        "Only regular files are read: a pipe or a device could not be read again, and a directory holds no text.",
        example: "smoke: [smoke]", mend: "smoke: [smoke/images.yaml]")
    case .fileUnreadable:
      Explanation(
        "a file cannot be read",
        "The file is there, and the system refuses to open it: usually its permissions, or those of a directory.",
        example: "-rw------- root  Environments/staging.yaml", mend: "-rw-r--r-- root  Environments/staging.yaml")
    case .fileTooLarge:
      Explanation(
        "a file is too large",
        """
        Files that people write are a few kilobytes. One of more than a megabyte (six for the body of a smoke test)
        is refused before it is read, so that a wrong path cannot exhaust the machine.
        """, example: "smoke: [../Models/model.onnx]", mend: "smoke: [smoke/images.yaml]")
    case .notUTF8:
      Explanation(
        "a file is not UTF-8",
        "YAML is read as UTF-8. A file in another encoding would be misread, so it is not read at all.",
        example: "suite: caf\\xe9            # saved as Latin-1", mend: "suite: café               # saved as UTF-8")
    case .yamlSyntax:
      Explanation(
        "a file is not YAML",
        """
        The text breaks YAML's own rules, most often by a bracket or quote that is not closed, by keys of one mapping
        with different indentation, or by text with ': ' in it. The second label shows what was being read.
        """, example: "threshold: > 5", mend: "threshold: \"> 5\"")
    case .tabIndentation:
      Explanation(
        "a line is indented with a tab",
        "YAML allows only spaces in front of a key, because editors show tabs differently.",
        example: "endpoint:\n\tname: fox", mend: "endpoint:\n  name: fox")
    case .severalDocuments:
      Explanation(
        "a file holds several documents",
        "A line '---' begins another document. One file says one thing, so that messages and reviews can name it.",
        example: "alarm: cpu\n---\nalarm: errors", mend: "alarm: cpu          # and errors in a file of its own")
    case .emptyFile:
      Explanation(
        "a file says nothing",
        "The file is empty, or holds only comments. Silence is not taken for consent to defaults.",
        example: "# environment: staging", mend: "environment: staging")
    case .duplicateKey:
      Explanation(
        "a key is given twice",
        "YAML readers differ in which of the two they believe; here neither is. Both places are shown.",
        example: "period: 5m\nstatistic: Sum\nperiod: 1m", mend: "period: 5m\nstatistic: Sum")
    case .undefinedAnchor:
      Explanation(
        "an alias names nothing",
        "'*name' stands for the value that '&name' marked earlier in the same file. There is no such mark above it.",
        example: "endpoint: *defaults", mend: "endpoint: {name: fox}")
    case .cyclicAlias:
      Explanation(
        "an alias stands inside the value that it names", "Written out, the value would contain itself without end.",
        example: "cases: &cases\n  - *cases", mend: "cases:\n  - name: it answers\n    request: {text: hello}")
    case .valuesTooMany:
      Explanation(
        "a file holds too many values",
        """
        Aliases of aliases multiply: ten levels of ten are ten thousand million values in three hundred bytes. A file
        is read until its values, aliases written out, pass 100,000.
        """, example: "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]     # and so on",
        mend: "a: [x, x, x, x]")
    case .nestingTooDeep:
      Explanation(
        "values nest too deep",
        "No file of rollout needs more than a few levels; more than 64 are a mistake or an attack.",
        example: "json: [[[[[[[[[[ … ]]]]]]]]]]", mend: "json: {pixels: [0, 1, 2]}")
    case .mergeKey:
      Explanation(
        "a merge key is used",
        "'<<' is no part of YAML 1.2, and hides from the reader of a file which values are in force.",
        example: "autoscaling:\n  <<: *scaling\n  scaleInCooldown: 10m",
        mend: "autoscaling:\n  instances: 1...4\n  invocationsPerInstance: 70\n  scaleInCooldown: 10m")
    case .keyNotText:
      Explanation(
        "a key is not text",
        "A number, a truth value, a list or nothing at all stands where the name of a value must be.",
        example: "environment: {8080: PORT}", mend: "environment: {PORT: 8080}")
    case .tagUnsupported:
      Explanation(
        "a value has a tag",
        "Tags such as '!!binary' or '!secret' would change what a value means. None is needed here.",
        example: "period: !duration 5m", mend: "period: 5m")
    case .tooManyProblems:
      Explanation(
        "there are more problems than are shown",
        "After a thousand problems the rest are only counted. They usually have one cause, near the first of them.",
        example: "# a log file, renamed to staging.yaml", mend: "environment: staging")
    default: nil
    }
  }
}
