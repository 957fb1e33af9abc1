#!/bin/sh
# Makes what is secret in compose.yaml and compose-speech.yaml, as files beside them, in a folder that
# nobody else can look into. What is there already stays.
#
#   secrets.sh                       the database's password, and the station's settings with it
#   secrets.sh gateway FINGERPRINT   the gateway's settings; the speech service's token comes by stdin
set -eu
umask 077
folder=${BIPE_SECRETS:-$(dirname "$0")/secrets}
mkdir -p "$folder"

# put NAME: stdin becomes this file. Each is given to one container alone, whose user must read it.
put() {
  [ ! -e "$folder/$1" ] || { echo "$folder/$1 is there already" >&2; return; }
  cat > "$folder/$1.new"
  chmod 644 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
  echo "$folder/$1" >&2
}

fail() {
  echo "secrets.sh: $1" >&2
  exit 2
}

# fingerprint GIVEN: its 64 hexadecimal digits, without the colons that the log has.
fingerprint() {
  digits=$(printf %s "$1" | tr -d ': ')
  case $digits in
    *[!0123456789ABCDEFabcdef]*) ;;
    *) [ ${#digits} != 64 ] || { echo "$digits"; return; } ;;
  esac
  fail "“$1” is no fingerprint of 64 hexadecimal digits. The speech service tells it in its log once it \
listens: podman logs bipe-speech 2>&1 | grep fingerprint"
}

case "${1:-} $#" in
  " 0")
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | put database-password
    printf '[bipe]\ndatabase-url=postgresql://bipe:%s@database/bipe\n' "$(cat "$folder/database-password")" |
      put station.conf
    ;;
  "gateway 2")
    print=$(fingerprint "$2")
    read -r token || [ -n "$token" ] || fail "there is no token on standard input: bipe-server token new makes one"
    case $token in
      "" | *[!A-Za-z0-9._-]*) fail "“$token” is no token: give the one that bipe-server token new prints, and nothing else" ;;
    esac
    printf '[bipe]\nspeech-url=https://speech:5000/#fp=%s\nspeech-token=%s\n' \
      "$print" "$token" | put gateway.conf
    ;;
  *) sed -n 's/^#   //p' "$0" >&2; exit 2 ;;
esac
