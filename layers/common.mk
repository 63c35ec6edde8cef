# Shared by the layers' Makefiles. `sam build` runs `build-<LogicalId>` beside them (samconfig.toml: build_in_source) with
# ARTIFACTS_DIR set; the project's Makefile gives UV and PYTHON.
UV ?= uv
PYTHON ?= python3.13
LAMBDA_ARCH ?= arm64
TARGET = $(ARTIFACTS_DIR)/python
PLATFORM = $(if $(filter x86_64,$(LAMBDA_ARCH)),x86_64,aarch64)-manylinux_2_34

# Wheels of the runtime's platform, exactly those of the lock file. Installers' records, type stubs' markers and the
# packages' own tests are never imported; entry points (*.dist-info/entry_points.txt) and METADATA are read at run time.
define install
	rm -rf $(TARGET) && mkdir -p $(TARGET)
	$(UV) pip install --quiet --no-deps --only-binary :all: --require-hashes --python $(PYTHON) \
		--python-version 3.13 --python-platform $(PLATFORM) --target $(TARGET) -r requirements.txt
	rm -rf $(TARGET)/bin $(TARGET)/.lock
	find $(TARGET) -type d \( -name __pycache__ -o -name tests -o -name licenses \) -prune -exec rm -rf {} +
	find $(TARGET) \( -name '*.pyi' -o -name py.typed -o -name RECORD -o -name INSTALLER -o -name REQUESTED \
		-o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' \) -delete
endef

# Archives of sam carry 1980 dates, so bytecode that is checked against its source's time never validates; and the
# runtime's disk cannot be written. Unchecked bytecode is read as it is. It must come from the runtime's own version.
define compile
	$(PYTHON) -c 'import sys; assert sys.version_info[:2] == (3, 13), sys.version'
	$(PYTHON) -m compileall -q -j 0 --invalidation-mode unchecked-hash $(TARGET)
endef
