"""The versions of this program and of what it rests on, for `--version` and bug reports."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from verify import __version__
from verify.kernel.reader import FORMAT, VERSIONS

KERNEL = ("numpy",)
PROVERS = ("scipy", "mpmath", "sympy", "z3-solver", "python-flint")
SURFACE = ("click", "rich")
OPTIONAL = ("matplotlib", "latex2mathml", "onnx", "dask")


def lines() -> list[str]:
    """Return the lines that `--version` prints."""
    formats = f"{VERSIONS.start} to {VERSIONS.stop - 1}" if len(VERSIONS) > 1 else str(VERSIONS.start)
    return [
        f"verify {__version__}",
        f"reads {FORMAT}, version {formats}",
        f"kernel        Python {platform.python_version()}, {_listed(KERNEL)}",
        f"provers       {_listed(PROVERS)} (nothing that they say is believed)",
        f"command line  {_listed(SURFACE)}",
        f"optional      {_listed(OPTIONAL)}",
    ]


def _listed(packages: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {_version(name)}" for name in packages)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"
