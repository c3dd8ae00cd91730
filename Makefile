.DEFAULT_GOAL := help
SWIFT := swift
FORMATTED := Package.swift Sources Tests Benchmarks/journal

.PHONY: help demo aws test faults build bench bench-journal bench-aws simulate check-model judge format lint clean

help: ## Lists what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Takes a real model through staging and a canary, and two bad versions back, in under four minutes.
	@.ci/setup
	@$(SWIFT) build --product rollout
	@Examples/demo/run

aws: ## Opens a shell with an AWS of its own, to try SageMaker in without an account.
	@.ci/setup
	@$(SWIFT) build --product rollout
	@Examples/aws/run

test: ## Builds and runs every test; the last line counts them.
	@.ci/setup
	@.ci/test

faults: ## Kills, stops, starves and damages real processes for hours; FAULTS=N times each, SUITE= chooses, SEED=N repeats.
	@.ci/setup
	@FAULTS=$(FAULTS) SEED=$(SEED) .ci/faults '$(SUITE)'

build: ## Builds the release binary, the Swift runtime linked in.
	@.ci/setup build
	$(SWIFT) build -c release --static-swift-stdlib --product rollout

bench: build ## Measures what the way through the runtime's front costs.
	@.ci/setup
	@.venv/bin/python3 Benchmarks/router/run.py .build/release/rollout

bench-journal: build ## Measures the journal: appends beside a bare insert, the fold and `status` of a long one.
	$(SWIFT) build -c release --static-swift-stdlib --product journal-benchmark
	@.build/release/journal-benchmark .build/release/rollout

bench-aws: build ## Measures `plan` and `validate` on AWS beside boto3 and cfn-lint, against the emulator.
	@.ci/setup
	@$(SWIFT) build --product rollout
	@.venv/bin/python3 Benchmarks/aws/run.py .build/release/rollout .build/debug/rollout

simulate: ## Simulates a million rollouts that everything happens to; SEED=N replays one, ARGS=--help says more.
	@$(SWIFT) build -c release --product rollout-lab
	@.build/release/rollout-lab simulate $(if $(SEED),--seed $(SEED)) $(ARGS)

check-model: ## Visits every state of small worlds and tries recovery from each; ARGS=--large for the big ones.
	@$(SWIFT) build -c release --product rollout-lab
	@.build/release/rollout-lab check-model $(ARGS)

judge: ## Measures the judge of canaries: exposure over what is possible, false rollbacks, cost of a request.
	@$(SWIFT) build -c release --product rollout-lab
	@.build/release/rollout-lab judge $(ARGS)

format: ## Formats the sources.
	$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

lint: ## Fails if a source is not formatted or breaks a rule of .swift-format.
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)

clean: ## Removes what was built and set up here.
	rm -rf .build .venv Examples/demo/.rollout Examples/demo/pictures Examples/demo/weights
