#!/usr/bin/env bash
# Style and types of the page's modules; the tools are those of package-lock.json.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v npm >/dev/null; then
  echo "npm is missing: install Node.js 20 or newer to check the studio's modules (the page itself needs none)"
  exit 1
fi
if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-fund --no-audit --silent
fi
npm run --silent lint
