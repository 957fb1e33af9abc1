#!/bin/sh
# What the container files do, one step a command, so that all of it also runs, and is tested, without
# a container engine. Debian 12 is what it is for.
#
#   image.sh build SOURCE FILES    as root: builds the programs of SOURCE, and installs them into FILES
#   image.sh files BUILD ROLE ROOT  what ROLE needs of a build, where it belongs in ROOT
#   image.sh packages ROLE         the Debian packages that ROLE runs with
#   image.sh install ROLE          as root: installs them on this system
#   image.sh user ROOT             adds the user that the station runs as to ROOT, and its folder
#
# A ROLE is one of station, gateway, speech: see README.md.
set -eu

USER_ID=10001
DATA=var/lib/bipe

fail() {
  echo "image.sh: $1" >&2
  exit 2
}

check_role() {
  case $1 in
    station | gateway | speech) ;;
    *) fail "there is no role “$1”; there are station, gateway and speech" ;;
  esac
}

# Held against what the programs are linked with by tests/containers. What is loaded at run time:
# glib-networking (TLS towards others), ca-certificates (whom it trusts), and GStreamer's plugins (lamemp3enc).
packages() {
  check_role "$1"
  echo libglib2.0-0 libjansson4 libsqlite3-0 libjwt-gnutls0 libsecret-1-0 libpq5 libsoup-3.0-0 libgnutls30 \
    libqrencode4 glib-networking ca-certificates
  case $1 in
    station | speech) echo libespeak-ng1 libgstreamer1.0-0 libgstreamer-plugins-base1.0-0 gstreamer1.0-plugins-base \
      gstreamer1.0-plugins-good ;;
  esac
  case $1 in
    station) echo libgdk-pixbuf-2.0-0 libzbar0 libzxing2 libstdc++6 libgcc-s1 ;;
  esac
}

need() {
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
  rm -rf /var/lib/apt/lists/*
}

build() {
  need make
  # The Makefile knows what a build needs, and gets it.
  make -C "$1" BUILD=/tmp/bipe-build \
    MESON_ARGS='--prefix=/usr --libexecdir=libexec --buildtype=release -Dtests=false' /tmp/bipe-build/build.ninja
  ninja -C /tmp/bipe-build --quiet src/bipe-server src/decoder/helper/bipe-decoder src/speech/helper/bipe-voice
  for role in station gateway speech; do
    files /tmp/bipe-build $role "$2/$role"
  done
}

# copy BUILD PROGRAM TARGET: without what only a debugger reads.
copy() {
  mkdir -p "$(dirname "$3")"
  strip --strip-unneeded -o "$3" "$1/$2"
  chmod 755 "$3"
}

# The programs look for one another where the build was told to install them.
files() {
  check_role "$2"
  libexec=$(sed -n 's/^#define BIPE_LIBEXEC_DIR "\(.*\)"$/\1/p' "$1/config.h")
  copy "$1" src/bipe-server "$3/usr/bin/bipe-server"
  case $2 in
    station | speech) copy "$1" src/speech/helper/bipe-voice "$3$libexec/bipe-voice" ;;
  esac
  case $2 in
    station) copy "$1" src/decoder/helper/bipe-decoder "$3$libexec/bipe-decoder" ;;
  esac
}

user() {
  mkdir -p "$1/etc" "$1/$DATA" "$1/etc/bipe"
  grep -q '^bipe:' "$1/etc/passwd" 2>/dev/null ||
    echo "bipe:x:$USER_ID:$USER_ID:Bipe:/$DATA:/usr/sbin/nologin" >> "$1/etc/passwd"
  grep -q '^bipe:' "$1/etc/group" 2>/dev/null || echo "bipe:x:$USER_ID:" >> "$1/etc/group"
  : >> "$1/etc/bipe/bipe.conf" # where a file of settings is put over it
  chmod 700 "$1/$DATA"
  # Who is not root can't give it away, and tries it out as himself.
  [ "$(id -u)" != 0 ] || chown $USER_ID:$USER_ID "$1/$DATA"
}

case "${1:-} $#" in
  "build 3") build "$2" "$3" ;;
  "files 4") files "$2" "$3" "$4" ;;
  "packages 2") packages "$2" ;;
  "install 2") check_role "$2"; need $(packages "$2") ;;
  "user 2") user "$2" ;;
  *) sed -n 's/^#   //p' "$0" >&2; exit 2 ;;
esac
