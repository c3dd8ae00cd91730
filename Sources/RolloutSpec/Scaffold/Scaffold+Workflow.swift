extension Scaffold {
  /// A job for GitHub Actions: a plan on every pull request, the rollout when it is merged. It gets rights for as long
  /// as it runs (OpenID Connect), so that there is no key to keep or to lose.
  static func workflow(_ place: AWSPlace) -> String {
    """
    # Shows on a pull request what it would change, and carries it out once it is merged.
    #
    # To be set up once:
    #   - in the AWS account, GitHub's OpenID Connect provider (token.actions.githubusercontent.com) and two roles that
    #     trust it for this repository: one with Access/plan-*.json, which can deploy nothing, and one with
    #     Access/rollout-*.json, for what was merged. Their ARNs as the repository's variables ROLLOUT_PLAN_ROLE and
    #     ROLLOUT_ROLE. No access key is kept anywhere.
    #   - the release of rollout to use, as the variable ROLLOUT_URL: a binary for Linux.
    name: rollout

    on:
      pull_request:
      push:
        branches: [main]
      # To go on after an approval, and for models that were approved in the registry without a change here.
      workflow_dispatch:
      schedule:
        - cron: "*/15 * * * *"

    permissions: {}

    jobs:
      plan:
        if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
        runs-on: ubuntu-latest
        permissions: {contents: read, id-token: write, pull-requests: write}
        steps:
          - uses: actions/checkout@v4
          - uses: aws-actions/configure-aws-credentials@v4
            with:
              role-to-assume: ${{ vars.ROLLOUT_PLAN_ROLE }}
              aws-region: \(place.region)
          - name: Fetch rollout
            run: curl --fail --location --silent --show-error --output rollout "$ROLLOUT_URL" && chmod +x rollout
            env: {ROLLOUT_URL: "${{ vars.ROLLOUT_URL }}"}
          - name: Plan
            # 0: nothing would change; 2: something would; anything else is an error.
            run: |
              ./rollout validate
              status=0
              ./rollout plan --format markdown --detailed-exitcode > plan.md || status=$?
              cat plan.md >> "$GITHUB_STEP_SUMMARY"
              if [ "$status" -ne 0 ] && [ "$status" -ne 2 ]; then exit "$status"; fi
          - name: Comment
            run: gh pr comment "$NUMBER" --body-file plan.md --edit-last --create-if-none
            env:
              GH_TOKEN: ${{ github.token }}
              NUMBER: ${{ github.event.pull_request.number }}

      apply:
        if: github.event_name != 'pull_request' && github.ref == 'refs/heads/main'
        runs-on: ubuntu-latest
        permissions: {contents: read, id-token: write}
        # One at a time, and none is stopped: a job that dies leaves the rollout to the next one.
        concurrency: {group: rollout, cancel-in-progress: false}
        timeout-minutes: 350
        steps:
          - uses: actions/checkout@v4
          - uses: aws-actions/configure-aws-credentials@v4
            with:
              role-to-assume: ${{ vars.ROLLOUT_ROLE }}
              aws-region: \(place.region)
              # Longer, if the role allows it. A rollout that outlives its job is taken up by the next one.
              role-duration-seconds: 3600
          - name: Fetch rollout
            run: curl --fail --location --silent --show-error --output rollout "$ROLLOUT_URL" && chmod +x rollout
            env: {ROLLOUT_URL: "${{ vars.ROLLOUT_URL }}"}
          - name: Apply
            # 3: it waits for a person, who runs 'rollout approve'; the next run goes on from there.
            run: |
              status=0
              ./rollout apply || status=$?
              if [ "$status" -eq 3 ]; then echo "::notice::rollout waits for an approval"; exit 0; fi
              exit "$status"

    """
  }
}
