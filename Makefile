# `make` lists what there is. Every target first sets up what it needs, once: a virtual
# environment in .venv with the locked packages. Needs Python 3.11 or later, nothing else.

VENV := .venv
BIN := $(VENV)/bin

help:  ## List these targets
	@sed -n 's/^\([a-z]*\):.*  ## /\1|/p' Makefile | while IFS='|' read -r target text; do \
		printf '  make %-6s %s\n' "$$target" "$$text"; done

run: $(VENV)/ready  ## Open the editor, playing; where no window can be opened, render a patch
	@$(call install,libportaudio2 libgl1)
	@if test "$$(uname)" = Darwin || test -n "$$DISPLAY"; then $(BIN)/hocket; \
	elif command -v xvfb-run >/dev/null; then \
		echo 'There is no screen: the window opens on one that nobody sees. Ctrl-C ends it.' >&2; \
		LP_NUM_THREADS=1 xvfb-run -a -s '-screen 0 1440x900x24' $(BIN)/hocket; \
	else \
		echo 'There is neither a screen nor Xvfb: the starter patch is rendered to out/.' >&2; \
		mkdir -p out && $(BIN)/hocket render patches/first_light.hocket \
			--midi patches/first_light.mid -o out/first_light.wav --picture out/first_light.png; \
	fi

test: $(VENV)/ready-dev  ## Check style and types and run every test: all that CI does
	@$(call install,libportaudio2 jackd2 fluidsynth fluid-soundfont-gm timgm6mb-soundfont \
		xvfb xdotool xclip libgl1 libgl1-mesa-dri)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile -m 'not live and not soak'
	$(BIN)/pytest -q -m 'live and not soak'

bench: $(VENV)/ready-dev  ## Measure how fast patches compile, run, render and play, and the sketch
	$(BIN)/python -m bench.spine
	$(BIN)/python -m bench.sketch
	$(BIN)/python -m bench.live --events 100 --minutes 1
	$(BIN)/python -m bench.editor

soak: $(VENV)/ready-dev  ## Render an hour and play two, and watch the memory
	$(BIN)/python -m bench.memory
	$(BIN)/python -m bench.live --events 0 --minutes 60

docs: $(VENV)/ready  ## Write docs/nodes.md from the node types, and draw the pictures of sounds
	$(BIN)/python -m patcher.terminal.reference > docs/nodes.md
	@mkdir -p out
	$(BIN)/hocket render patches/first_light.hocket --midi patches/first_light.mid \
		-o out/first_light.wav --picture docs/first_light.png
	$(BIN)/python -m patcher.terminal.sketch_pictures docs/sketch
	$(BIN)/python -m tests.editor_pictures && cp out/screens/editor.png docs/editor.png

lock: $(BIN)/uv  ## Pin every package again after a change of pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-annotate --no-header \
		--all-extras pyproject.toml -o requirements.lock

clean:  ## Remove .venv and caches; renders in out/ stay
	rm -rf $(VENV) dist .*_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# The two empty files say what is installed; they are older than a changed lock or project.
# Compiled at once: the first start from sources takes 2 s longer, every one if none may be kept.
$(VENV)/ready: $(BIN)/uv pyproject.toml requirements.lock
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python -c requirements.lock -e .
	@touch $@

$(VENV)/ready-dev: $(BIN)/uv pyproject.toml requirements.lock
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python -c requirements.lock -e '.[dev]'
	@touch $(VENV)/ready $@

$(BIN)/uv:
	@python=$$(for each in $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3; do \
		$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		&& echo $$each && break; done); \
	test -n "$$python" || { echo 'Hocket needs Python 3.11 or later: install it' \
		'(https://www.python.org/downloads), then run make again.' >&2; exit 1; }; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || { $(install_venv); } && \
	echo "Setting up $(VENV) with $$python" && $$python -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# Where the system's Python was replaced by another, begin anew.
$(shell test -x $(BIN)/python || rm -rf $(VENV))

# Debian and Ubuntu keep venv in a package of its own. Installs it where that needs no
# password, else says what to type.
install_venv = \
	package=$$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	sudo='sudo -n'; test $$(id -u) != 0 || sudo=; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
		$$sudo apt-get update -q && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy $$package; \
	else echo "Python's venv is missing. Type: sudo apt install $$package && make $(MAKECMDGOALS)" \
		>&2; exit 1; fi

# What pip cannot install: PortAudio, which its Linux wheels leave out, and for the tests a sound
# server without a sound card and real instruments. Debian and Ubuntu have them; elsewhere (macOS
# needs no PortAudio) tests that lack something are skipped and say so. Installs them where that
# needs no password. $(1): packages.
install = \
	sudo='sudo -n'; test $$(id -u) != 0 || sudo=; \
	if command -v dpkg >/dev/null && ! dpkg -s $(1) >/dev/null 2>&1; then \
		if $$sudo true 2>/dev/null; then \
			$$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive \
			apt-get install -qy --no-install-recommends $(1); \
		else echo "Missing still. Type: sudo apt install $(1)" >&2; fi; fi

.PHONY: help run test bench soak docs lock clean
.DELETE_ON_ERROR:
