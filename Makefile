# The two commands that do everything on a fresh Debian 12, as root or with sudo:
#   make run     installs what is missing, builds, starts the station (the headless server where
#                there is no display); ARGS='--port=5001' hands settings on
#   make test    the same, then runs all tests
# Others: build, flatpak-bundle, bench, format, clean.

BUILD ?= build
MESON_ARGS ?=
TEST_ARGS ?=
ARGS ?=

BUILD_PACKAGES = gcc g++ meson ninja-build pkg-config gettext desktop-file-utils libglib2.0-dev-bin \
  libgtk-4-dev libgtk-4-bin libadwaita-1-dev libsoup-3.0-dev libjansson-dev libsqlite3-dev libpq-dev \
  libjwt-gnutls-dev libgnutls28-dev libsecret-1-dev libxkbcommon-dev libxtst-dev libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev \
  libzxing-dev libzbar-dev libgdk-pixbuf-2.0-dev libportal-dev libespeak-ng-dev libqrencode-dev
RUN_PACKAGES = glib-networking gstreamer1.0-plugins-base gstreamer1.0-plugins-good adwaita-icon-theme librsvg2-common \
  fonts-cantarell gsettings-desktop-schemas
TEST_PACKAGES = espeak-ng gstreamer1.0-plugins-base-apps gstreamer1.0-tools postgresql clang-format xvfb xauth xdotool x11-xkb-utils x11-utils dbus dbus-daemon \
  at-spi2-core gir1.2-atspi-2.0 python3-gi fonts-dejavu-core libgl1-mesa-dri \
  desktop-file-utils appstream curl openssl gnutls-bin iproute2 gnome-keyring qrencode libglib2.0-bin gstreamer1.0-pipewire pipewire pipewire-bin wireplumber \
  xdg-desktop-portal xdg-desktop-portal-gtk \
  bubblewrap ca-certificates python3-yaml \
  python3-socketio python3-aiohttp python3-requests python3-websocket python3-jsonschema

FLATPAK_PACKAGES = flatpak flatpak-builder appstream-util elfutils

# FLATPAK_MANIFEST: another one, as of a runtime made here; FLATPAK_ARGS: for flatpak-builder.
FLATPAK_MANIFEST ?= flatpak/io.github.bipe.Bipe.yml
FLATPAK_ARGS ?=

SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)

run: build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec $(BUILD)/src/bipe $(ARGS); \
	else exec $(BUILD)/src/bipe-server $(ARGS); fi

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet src/bipe src/bipe-server \
	  src/decoder/helper/bipe-decoder src/speech/helper/bipe-voice data/gschemas.compiled bipe-gmo

test: $(BUILD)/.test-packages $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs $(TEST_ARGS)

# One file to hand on. flatpak-builder gets the sources first; what is built has no network.
flatpak-bundle: $(BUILD)/.flatpak-packages
	@value() { sed -nE "s/^ *\"?$$1\"?: *['\"]?([^'\",]+).*/\\1/p" $(FLATPAK_MANIFEST) | head -1; }; \
	missing=; for part in $$(value runtime) $$(value sdk); do \
	  flatpak info $$part//$$(value runtime-version) >/dev/null 2>&1 || missing="$$missing $$part//$$(value runtime-version)"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Flatpak's runtime is not installed. Get it from a store that flatpak remotes lists:" >&2; \
	  echo "  flatpak install --user$$missing" >&2; exit 1; \
	fi
	@flatpak-builder --force-clean --disable-rofiles-fuse --default-branch=stable --state-dir=$(BUILD)/flatpak-state \
	  --repo=$(BUILD)/flatpak-repo $(FLATPAK_ARGS) $(BUILD)/flatpak $(FLATPAK_MANIFEST)
	@flatpak build-bundle $(BUILD)/flatpak-repo $(BUILD)/bipe.flatpak io.github.bipe.Bipe stable
	@echo "$(BUILD)/bipe.flatpak: flatpak install --user $(BUILD)/bipe.flatpak"

bench: build
	@ninja -C $(BUILD) bench

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD)

$(BUILD)/build.ninja: $(BUILD)/.build-packages
	@meson setup $(BUILD) $(MESON_ARGS) > $(BUILD)/setup.log || { cat $(BUILD)/setup.log; exit 1; }
	@touch $@

# install NAMES: only what is missing, and apt only where something is.
define install
	@mkdir -p $(BUILD)
	@missing=$$(for package in $(1); do \
	  dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  echo "Installing" $$missing; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && apt-get install -q -y --no-install-recommends $$(echo $$missing)" \
	    > $(BUILD)/packages.log 2>&1 || { tail -20 $(BUILD)/packages.log; exit 1; }; \
	fi
	@touch $@
endef

$(BUILD)/.build-packages: Makefile
	$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES))

$(BUILD)/.flatpak-packages: Makefile
	$(call install,$(FLATPAK_PACKAGES))

$(BUILD)/.test-packages: Makefile $(BUILD)/.build-packages
	$(call install,$(TEST_PACKAGES))

.PHONY: run build test flatpak-bundle bench format clean
