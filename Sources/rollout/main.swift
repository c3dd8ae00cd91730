import RolloutCLI

await runRollout()
