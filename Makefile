# Two commands do everything: `make run` and `make test`.
.PHONY: help run cluster test setup lint types test-unit test-web authority simulate mutate faults faults-quick bench build clean

help: ## Tell what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## Set up, and run one node with two demo users (ARGS="--port 9000")
	@scripts/setup run
	@.venv/bin/python run_node.py --demo $(ARGS)

cluster: ## Set up, and run three nodes on Redis and Cassandra, all on this machine (RING=3)
	@scripts/setup run
	@scripts/cluster $(ARGS)

test: setup ## Set up, and run every check and every test
	@scripts/services
	scripts/lint
	scripts/types
	scripts/test

setup: ## Make .venv with everything
	@scripts/setup test

lint: setup ## Style, form, imports, web page
	scripts/lint

types: setup ## mypy and pyright, strict
	scripts/types

test-unit: setup ## The quick tests, without coverage (ARGS="tests/config -k limits")
	.venv/bin/pytest -q -m 'not slow and not browser' $(ARGS)

test-web: setup ## The web app: its sources, its core, real browsers (pictures in artefacts/)
	@scripts/services
	scripts/web
	.venv/bin/pytest -q tests/web tests/clients/test_browsers.py tests/clients/test_webapp*.py $(ARGS)

authority: setup ## Who may see what, for long: the server against its model (ROUNDS=2000)
	AUTHORITY_ROUNDS=$(or $(ROUNDS),2000) .venv/bin/pytest -q tests/authority $(ARGS)

bench: setup ## Measure, and print the table of docs/benchmarks.md
	scripts/bench $(ARGS)

simulate: setup ## Clusters from seeds, with everything going wrong (SEEDS=1000, or SEED=4711 again)
	@SEEDS=$(SEEDS) SEED=$(SEED) scripts/simulate $(ARGS)

mutate: setup ## Plant faults, and tell which seed finds each (SEEDS=500 at most)
	@SEEDS=$(SEEDS) scripts/mutate $(ARGS)

faults: setup ## Kill, stop, block and starve real processes under load (ARGS="kill --rounds 20")
	scripts/faults $(ARGS)

faults-quick: setup ## One short round of each main fault; make test does them too
	scripts/faults --quick $(ARGS)

build: setup ## sdist and wheel in dist/
	scripts/build

clean: ## Remove what was made, but for the data
	rm -rf .venv build dist src/*.egg-info web/node_modules .coverage* \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
