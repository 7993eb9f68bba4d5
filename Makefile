# Each target does its own set-up: Python >= 3.11 and git are all that must be there.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONSAFEPATH := 1

.PHONY: demo test test-long lint bench setup lock clean
setup: $(BIN)/.ready

$(BIN)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Specwright needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## label a spec issue on a GitHub on localhost, get a pull request (SERVE=1 stays up)
	$(BIN)/specwright demo $(if $(SERVE),--serve)

test: setup  ## the whole suite, on real servers that it starts itself
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

test-long: setup  ## the tests that take longest, which `make test` leaves out
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -m long $(ARGS)

lint: setup  ## style, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## every benchmark, each beside a peer
	$(BIN)/python -m benchmarks

lock: setup  ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header -o requirements.lock
	cd bot/workspace/api_tools && ../../../$(BIN)/uv pip compile requirements.in --universal --generate-hashes --python-version 3.11 --no-header -o requirements.txt

clean:
	rm -rf .venv .data
