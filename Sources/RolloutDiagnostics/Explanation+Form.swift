extension DiagnosticCode {
  /// R01: keys and the form of their values.
  var formExplanation: Explanation? {
    switch self {
    case .unknownKey:
      Explanation(
        "a key is unknown",
        """
        Nothing reads this key. Ignoring it would be worse than refusing it: a misspelt 'alarms' would leave a rollout
        without its guards. 'rollout schema' describes every key, and gives editors completion.
        """, example: "scaleInCoolDown: 10m", mend: "scaleInCooldown: 10m")
    case .missingKey:
      Explanation(
        "a key is missing",
        "The mapping needs this key, or one of these keys, and there is no default that would be right for everybody.",
        example: "alarm: cpu\nmetric: CPUUtilization\nstatistic: Average\nthreshold: \"> 70%\"",
        mend: "alarm: cpu\nmetric: CPUUtilization\nstatistic: Average\nperiod: 5m\nthreshold: \"> 70%\"")
    case .wrongType:
      Explanation(
        "a value is of the wrong kind",
        """
        A list stands where text must be, a number where a mapping must be, and so on. By YAML 1.2, 'yes', 'no', 'on'
        and 'off' are text, not truth values; text that looks like a number needs quotes.
        """, example: "shield: yes", mend: "shield: true")
    case .malformedValue:
      Explanation(
        "a value is not written as it must be",
        """
        Durations are numbers with units (250ms, 30s, 10m, 1h30m, 72h), shares end in '%', sizes in B, kB, KiB, MB or
        MiB, comparisons begin with >, >=, <, <= or ==. A threshold has the unit of its metric: '%' for CPU and
        memory, 'ms' or 's' for latencies, none for counts. A number without a unit is not guessed at.
        """, example: "steps: [{weight: 10, bake: 600}]", mend: "steps: [{weight: 10%, bake: 10m}]")
    case .valueOutOfRange:
      Explanation(
        "a value is out of range", "The value is of the right kind, and too small, too large, too few or too many.",
        example: "runtime: {port: 80800}", mend: "runtime: {port: 8080}")
    case .unknownChoice:
      Explanation(
        "a value is none of the choices",
        "Only certain words are meant here; the help line lists them or the nearest one.",
        example: "missingData: notbreaching", mend: "missingData: notBreaching")
    case .undefinedVariable:
      Explanation(
        "a variable is not set",
        """
        '${NAME}' is filled in from the environment of the process. The variable is not set there, or what is between
        the braces is no name. An empty value would be a worse surprise than this message.
        """, example: "path: ${MODELS}/registry       # MODELS is not set", mend: "export MODELS=/srv/models")
    case .choicesCombined:
      Explanation(
        "keys are combined that exclude each other",
        "Each of the keys is a different answer to the same question. Keep one.",
        example: "model: {select: latest-approved, version: 7}", mend: "model: {version: 7}")
    case .notANumber:
      Explanation(
        "a number is infinite or not a number",
        "No measurement is above or below NaN, so a rule with it never holds; an infinite bound is never passed.",
        example: "threshold: \"> NaN\"", mend: "threshold: \"> 5\"")
    case .variableNotAllowed:
      Explanation(
        "a variable is used where it would be shown",
        """
        A plan, its digest and the journal keep this value, and people read them. What a variable holds may be a secret,
        and may differ where the plan is applied. '${NAME}' is therefore filled in only in paths, in the runtime's host
        and port, in AWS's regions, roles and buckets, in webhooks, and in a model server's own environment. '$${'
        stands for the characters '${'.
        """, example: "request: {json: {token: \"${TOKEN}\"}}", mend: "request: {json: {token: test}}")
    default: nil
    }
  }
}
