.DEFAULT_GOAL := help
SWIFT := swift
FORMATTED := Package.swift Sources Tests

.PHONY: help demo test build bench format lint clean

help: ## Lists what can be made.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Takes a real model through staging and a canary, and two bad versions back, in under four minutes.
	@.ci/setup
	@$(SWIFT) build --product rollout
	@Examples/demo/run

test: ## Builds and runs every test; the last line counts them.
	@.ci/setup
	@.ci/test

build: ## Builds the release binary, the Swift runtime linked in.
	@.ci/setup build
	$(SWIFT) build -c release --static-swift-stdlib --product rollout

bench: build ## Measures what the way through the runtime's front costs.
	@.ci/setup
	@.venv/bin/python3 Benchmarks/router/run.py .build/release/rollout

format: ## Formats the sources.
	$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

lint: ## Fails if a source is not formatted or breaks a rule of .swift-format.
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)

clean: ## Removes what was built and set up here.
	rm -rf .build .venv Examples/demo/.rollout Examples/demo/pictures Examples/demo/weights
