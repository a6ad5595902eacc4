# Installs the packages named as arguments and leaves no service of theirs running or enabled. Run as root.
set -eu
# Elsewhere than in / only for the test of this file.
root=${HUELLA_RAIZ:-}
policy=$root/usr/sbin/policy-rc.d
dropin=$root/etc/postgresql-common/createcluster.d/huella.conf
mark='# Huella: temporal, mientras se instalan paquetes'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# Only what this very installation brings may be stopped afterwards.
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }
had_redis=no
had_postgresql=no
if installed redis-server; then had_redis=yes; fi
if installed postgresql-common; then had_postgresql=yes; fi

restore() {
  rm -f "$dropin"
  rmdir "${dropin%/*}" 2>/dev/null || true
  if grep -qs "$mark" "$policy"; then rm -f "$policy"; fi
  if [ -e "$policy.huella" ]; then mv -f "$policy.huella" "$policy"; fi
}
trap restore EXIT
trap 'exit 143' HUP INT TERM

# What an interrupted run left goes first, so that it is not taken for the system's own.
restore
# 101: no package may start a service now.
if [ -e "$policy" ]; then mv "$policy" "$policy.huella"; fi
printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
chmod 755 "$policy"
# No cluster "main" that nobody asked for.
mkdir -p "${dropin%/*}"
echo 'create_main_cluster = false' >"$dropin"

apt='apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold'
$apt update
$apt install --no-install-recommends "$@"

quiet() {
  if command -v systemctl >/dev/null; then
    if [ -d "$root/run/systemd/system" ]; then systemctl stop "$1" || true; fi
    systemctl disable "$1" 2>/dev/null || true
  fi
  if [ -e "$root/etc/init.d/$1" ] && command -v update-rc.d >/dev/null; then update-rc.d "$1" disable || true; fi
}
if [ "$had_redis" = no ] && installed redis-server; then quiet redis-server; fi
if [ "$had_postgresql" = no ] && installed postgresql-common; then quiet postgresql; fi
