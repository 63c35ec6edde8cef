# Every target first installs the tools and the environment that it needs. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV := .tools/uv/bin/uv
PY := .venv/bin/python
RUN := $(PY) -m infra.local
TOOLS := infra/local/tools
export UV_PYTHON_DOWNLOADS ?= never
export SAM_CLI_TELEMETRY = 0
# The interpreter itself: with a pyenv shim, uv would recreate the environment at every sync.
BASE_PYTHON ?= $(shell $$(command -v python3.13 || command -v python3) -c 'import sys; print(sys.executable)')

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- set-up, repeated when its input changes

$(UV):
	@echo "setting up uv"
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' \
		|| { echo "Python 3.13 is needed (python3.13 on PATH, or BASE_PYTHON=/path/to/python3.13)"; exit 1; }
	@rm -rf .tools/uv && $(BASE_PYTHON) -m venv .tools/uv
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check -r $(TOOLS)/uv.txt

.venv/.synced: uv.lock pyproject.toml | $(UV)
	@echo "setting up the project's environment"
	@$(UV) sync --quiet --frozen --all-groups --python $(BASE_PYTHON)
	@touch $@

.tools/emulator/.synced: $(TOOLS)/emulator.txt | $(UV)
	@echo "setting up the AWS emulator"
	@$(UV) venv --quiet --clear --python $(BASE_PYTHON) .tools/emulator
	@$(UV) pip install --quiet --python .tools/emulator/bin/python -r $<
	@touch $@

.tools/sam/.synced: $(TOOLS)/sam.txt | $(UV)
	@echo "setting up the SAM CLI"
	@$(UV) venv --quiet --clear --python $(BASE_PYTHON) .tools/sam
	@$(UV) pip install --quiet --python .tools/sam/bin/python -r $<
	@touch $@

.tools/runtime/.synced: $(TOOLS)/runtime.txt | $(UV)
	@echo "setting up the Lambda runtime's client"
	@rm -rf .tools/runtime
	@$(UV) pip install --quiet --python $(BASE_PYTHON) --target .tools/runtime -r $<
	@touch $@

.tools/checkov/.synced: $(TOOLS)/checkov.txt | $(UV)
	@echo "setting up checkov"
	@$(UV) venv --quiet --clear --python $(BASE_PYTHON) .tools/checkov
	@$(UV) pip install --quiet --python .tools/checkov/bin/python -r $<
	@touch $@

RUNTIME := .tools/sam/.synced .tools/runtime/.synced

.PHONY: setup
setup: .venv/.synced .tools/emulator/.synced ## install the locked packages and the AWS emulator

# ---- the stack

.PHONY: demo up down reset logs psql invoke snapstart
demo: up ## start the stack and play a company's conversation with its crew
	@$(PY) -m infra.local.demo

up: setup ## start the stack, or deploy changed code to the running one
	@$(RUN) up

down: setup ## stop the stack; its database is kept
	@$(RUN) down

reset: setup ## stop the stack and delete its data
	@$(RUN) reset

logs: setup ## show the functions' logs: make logs [FN=webhook-uaz] [FOLLOW=1]
	@$(RUN) logs $(FN) $(if $(FOLLOW),--follow)

psql: setup ## open psql on the database of the running stack
	@$(RUN) psql

invoke: setup $(RUNTIME) ## run one function: make invoke FN=whatsapp/webhook_uaz EVENT=events/whatsapp/text.json [AGENT_ROLE=hr]
	@$(RUN) invoke $(FN) $(EVENT)

snapstart: setup ## after sam build, for SnapStart=true: add the versions and aliases that SnapStart needs
	@$(PY) -m infra.local.sam.snapstart

# ---- measuring

.PHONY: eval eval-metamorphic eval-conversations bench
eval: .venv/.synced ## measure the agents: make eval FILE=cases.jsonl [MODEL= BASE_URL= MAX_COST= PRICE_IN= PRICE_OUT= LIMIT=]
	@$(PY) -m infra.local.evaluate $(or $(FILE),$(error FILE=cases.jsonl is missing)) \
		$(if $(MODEL),--model '$(MODEL)') $(if $(BASE_URL),--base-url '$(BASE_URL)') $(if $(MAX_COST),--max-cost '$(MAX_COST)') \
		$(if $(PRICE_IN),--price-in '$(PRICE_IN)') $(if $(PRICE_OUT),--price-out '$(PRICE_OUT)') $(if $(LIMIT),--limit '$(LIMIT)')

eval-metamorphic: .venv/.synced ## count what changes with courtesy, accents, case, names and amounts: make eval-metamorphic FILE=cases.jsonl [SHOW=20]
	@$(PY) -m infra.local.evaluation.metamorphic $(or $(FILE),$(error FILE=cases.jsonl is missing)) $(if $(SHOW),--show '$(SHOW)')

eval-conversations: .venv/.synced ## play conversations and check replies and rows: make eval-conversations FILE=tests/eval/conversations.jsonl [ONLY=undo] [QUIET=1]
	@$(PY) -m infra.local.evaluation.conversations $(or $(FILE),$(error FILE=conversations.jsonl is missing)) \
		$(if $(ONLY),--only '$(ONLY)') $(if $(QUIET),--quiet)

bench: setup $(RUNTIME) ## run the benchmarks: make bench [ONLY=turns]
	@PYTHONPATH=layers/domain/python:infra/migrations $(PY) -m tests.performance $(ONLY)

# ---- checking

.PHONY: check lint deploy-check record-calls types test phrases watch coverage hooks format templates lock
check: lint types deploy-check test ## all that CI runs

lint: .venv/.synced .tools/sam/.synced ## ruff, import-linter, generated files, sam validate and cfn-lint
	@echo "lint: code"
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@echo "lint: layers"
	@PYTHONPATH=layers/domain/python .venv/bin/lint-imports --no-cache
	@echo "lint: requirement files"
	@$(PY) -m infra.local.requirements --check
	@echo "lint: the generated part of the templates"
	@$(PY) -m infra.local.templates --check
	@echo "lint: templates"
	@for template in template.yaml functions/*/*.yaml; do \
		.tools/sam/bin/sam validate --lint --region sa-east-1 --template $$template; done
	@.tools/sam/bin/cfn-lint --regions sa-east-1 --template infra/*.yaml

deploy-check: setup .tools/sam/.synced .tools/checkov/.synced ## check permissions, limits, names and cost of a deploy, without an account
	@$(PY) -m infra.local.deploy_check

record-calls: setup $(RUNTIME) ## run the stack's tests and record the functions' AWS calls, for deploy-check
	@rm -rf .local/calls && mkdir -p .local/calls
	@FALACHEFE_RECORD_CALLS=$(CURDIR)/.local/calls $(PY) -m pytest -q tests/stack --deselect tests/stack/test_recorded_calls.py
	@$(PY) -m infra.local.deploy_check.calls .local/calls

types: .venv/.synced ## mypy --strict
	@echo "types"
	@.venv/bin/mypy layers/domain/python/falachefe functions infra tests

test: setup $(RUNTIME) ## run all tests, or some: make test ONLY=tests/unit/finance
	@$(PY) -m infra.developer.suite $(if $(ONLY),'$(ONLY)')

phrases: .venv/.synced ## generate 10,000 phrases for each rule of the readers: make phrases [EXAMPLES=10000]
	@EXAMPLES=$(or $(EXAMPLES),10000) $(PY) -m pytest -q -n0 $(or $(ONLY),tests/unit/language/spans)

watch: .venv/.synced ## run the unit tests of changed files on every save
	@$(PY) -m infra.developer.watch

coverage: setup $(RUNTIME) ## measure coverage, except by stack tests; fails below the floor, which RAISE=1 raises
	@$(PY) -m infra.developer.coverage $(if $(RAISE),--raise)

hooks: .venv/.synced ## install git hooks: style, layers, types and secrets are checked at each commit
	@.venv/bin/pre-commit install

format: .venv/.synced ## format the code
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

templates: .venv/.synced ## generate parts of the templates from functions.toml and the handlers
	@$(PY) -m infra.local.templates

lock: | $(UV) ## update the lock files from pyproject.toml and the tools' lists
	@$(UV) lock
	@for tool in emulator sam runtime checkov; do \
		$(UV) pip compile --quiet --python-version 3.13 --generate-hashes --no-annotate --no-header --no-emit-index-url \
			$(TOOLS)/$$tool.in -o $(TOOLS)/$$tool.txt; done
	@$(MAKE) .venv/.synced
	@$(PY) -m infra.local.requirements

# ---- scaffolding: docs/adding-a-resource.md

.PHONY: resource endpoint worker unscaffold
SCAFFOLD := $(PY) -m infra.local.scaffold
# Each parameter that is set, as a separate argument.
given = $(foreach key,$(1),$(if $($(key)),'$(key)=$($(key))'))

resource: .venv/.synced ## create a resource: name= context= label= fields= [domain= singular=]
	@$(SCAFFOLD) resource $(call given,name context label fields domain singular)

endpoint: .venv/.synced ## create an endpoint: name= domain= context= permission= summary= [label=]
	@$(SCAFFOLD) endpoint $(call given,name domain context permission summary label)

worker: .venv/.synced ## create a worker and its queue: name= domain= context= [queue=]
	@$(SCAFFOLD) worker $(call given,name domain context queue)

unscaffold: .venv/.synced ## remove the newest resource, endpoint or worker that was created in this working tree
	@$(SCAFFOLD) undo
