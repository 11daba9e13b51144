"""The web page: what a browser gets from a node.

assets      where the static files are, and the hash that names their version
static/     what is served: index.html, style, icon, the compiled app/ and the libraries in vendor/
src/        the page's TypeScript: core/ (no DOM) and ui/ (Preact); compiled file by file
test/       tests of core/ on a node in memory, run by node
vendor/     types for the vendored libraries, where the sources import them from
scripts/    vendor.mjs: copies the libraries and writes their manifest

src/x/y.ts --tsc--> static/app/x/y.js --GET /app/HASH/app/x/y.js--> browser --/v1, /ws--> node
"""

from .assets import STATIC, asset_hash

__all__ = ["STATIC", "asset_hash"]
