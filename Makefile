# Thin: each target makes sure that the dependencies are there, then runs the npm script of its name (package.json).
# node_modules/.bin comes first in PATH and holds Node 24, so the machine's own Node only has to run `npm ci` once.

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
DEPENDENCIES := node_modules/.package-lock.json
RUN := npm run --silent

.DEFAULT_GOAL := help

##@ Try it
.PHONY: demo
demo: $(DEPENDENCIES) ## Run the operator on a real control plane with the sample nodes, until Ctrl-C (ONCE=1: until all are Running)
	@$(RUN) demo

##@ Develop
.PHONY: test
test: $(DEPENDENCIES) ## Run all tests: unit tests, then integration tests on a real control plane
	@$(RUN) test

.PHONY: test-unit
test-unit: $(DEPENDENCIES) ## Run the unit tests only (seconds)
	@$(RUN) test:unit

.PHONY: e2e
e2e: $(DEPENDENCIES) ## Run the end-to-end tests with real seid, on a real kubelet of their own (Linux, root) or the cluster of E2E_KUBECONFIG
	@$(RUN) e2e

.PHONY: lint
lint: $(DEPENDENCIES) ## Check types, lint rules, formatting, shell scripts and dead code
	@$(RUN) lint

.PHONY: format
format: $(DEPENDENCIES) ## Format all sources
	@$(RUN) format

.PHONY: ci
ci: ## Run what CI runs
	@.ci/run

##@ Make
.PHONY: build
build: $(DEPENDENCIES) ## Bundle the operator and kubectl-sei into dist/
	@$(RUN) build

.PHONY: executable
executable: $(DEPENDENCIES) ## Make kubectl-sei for this platform in dist/, as a program that needs no Node.js
	@$(RUN) executable

.PHONY: manifests
manifests: $(DEPENDENCIES) ## Write CRDs, RBAC and the data of the Helm chart from their sources
	@$(RUN) manifests

.PHONY: generate
generate: $(DEPENDENCIES) ## Write everything else that is generated from source
	@$(RUN) generate

##@ Measure
.PHONY: bench
bench: $(DEPENDENCIES) ## Measure the operator on a real control plane: time, requests, CPU, memory
	@$(RUN) bench

##@ Other
.PHONY: clean
clean: ## Remove what was built and installed here (the control plane's programs stay in the user's cache)
	@rm -rf dist node_modules

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(DEPENDENCIES): package-lock.json
	@hack/install-dependencies
	@touch $@
