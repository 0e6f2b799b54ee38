# Two commands for a newcomer: `make demo` and `make test`. Only git, python3 (3.11+) and make needed.
export UV_PYTHON_DOWNLOADS = never
# Some shells forbid it: then every process compiles every module anew, which takes most of its time.
unexport PYTHONDONTWRITEBYTECODE
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := .venv/bin

.PHONY: demo demo-stop demo-reset test check install clean

demo: install
	$(RUN)/python demo/night.py

demo-stop:
	python3 demo/night.py --stop

demo-reset:
	python3 demo/night.py --reset

test: install
	$(RUN)/pytest -n 2 --dist loadgroup

check: install
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/lint-imports
	$(RUN)/mypy
	$(RUN)/pyright

install: .venv/.installed

.venv/.installed: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet
	@touch $@

.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/pip install --quiet uv==0.13.9

.PHONY: matrix
matrix: install
	CRASH_MATRIX=full $(RUN)/pytest -n 2 tests/matrix --timeout 3600

.PHONY: bench
bench: install
	$(UV) sync --locked --quiet --group bench
	$(RUN)/python benchmarks/checkpointer.py
	$(RUN)/python benchmarks/purchasing.py
	$(RUN)/python benchmarks/purchasing_conditions.py
	$(RUN)/python benchmarks/tryton.py
	$(RUN)/python benchmarks/law.py
	$(RUN)/python benchmarks/receivables.py
	$(RUN)/python benchmarks/followup.py
	$(RUN)/python benchmarks/scheduling.py
	$(RUN)/python benchmarks/pages.py

.PHONY: picture
picture:
	$(RUN)/python docs/pictures/take.py

clean:
	rm -rf .venv .uv .demo dist
