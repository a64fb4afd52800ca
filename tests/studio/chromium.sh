#!/usr/bin/env bash
# What the studio's browser tests need: a Chromium, and axe-core from npm. Does nothing where both are there.
# Root on Debian gets Chromium by apt-get; elsewhere this says what to do, and the tests are skipped
# (with STUDIO_TESTS=required they fail).
set -euo pipefail
cd "$(dirname "$0")/../../deployments/studio"

if ! [ -x "${CHROMIUM:-}" ] && ! command -v chromium chromium-browser google-chrome >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the studio's tests ..."
    log=$(mktemp)
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium; } \
      >"$log" 2>&1 || { tail -n 5 "$log"; echo "Chromium could not be installed: the studio's browser tests are skipped."; }
  else
    echo "The studio's browser tests are skipped: install Chromium, or say  CHROMIUM=/path/to/chromium make test"
  fi
fi
if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
  if command -v npm >/dev/null; then
    npm ci --no-fund --no-audit --silent || echo "npm ci failed in $PWD: the studio's axe-core test is skipped."
  else
    echo "npm is missing: the studio's axe-core test is skipped."
  fi
fi
