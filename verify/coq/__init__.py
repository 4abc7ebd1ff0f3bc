"""The Coq library of soundness theorems (the `.v` files of this folder) and how to compile against it.

The library is compiled once into a cache folder named by a hash of its sources and of the Coq version, so a
read-only installation works and a stale `.vo` is never used.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from verify.errors import EXIT_INCONCLUSIVE, EXIT_USAGE, VerifyError

# In the order of their imports.
MODULES = (
    "Vectors",
    "Networks",
    "HilbertIdentity",
    "Profiles",
    "Ridge",
    "Boxes",
    "Symmetry",
    "Covering",
    "Families",
    "FamilyBoxes",
    "Universal",
    "AbsoluteSums",
    "PowerSums",
    "CubatureFamilies",
    "RidgeSums",
    "RadialCubature",
    "Circles",
    "Heights",
    "SphereMean",
    "PathNorm",
    "Cube",
    "InnerProduct",
    "Parity",
)

# The axioms of Coq's classical real numbers, as `Print Assumptions` names them (Coq 8.16 and newer).
STANDARD_AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)

_SOURCES = Path(__file__).parent


class CoqMissing(VerifyError):
    """No `coqc` on the path."""

    exit_code = EXIT_USAGE


class CoqFailure(VerifyError):
    """Coq did not accept a file: the certificate's claim is not proved by this route (it may be true all the same)."""

    exit_code = EXIT_INCONCLUSIVE


@dataclass(frozen=True)
class CoqTheorem:
    """A theorem that `coqc` accepted.

    Attributes:
        name: the theorem's name in the compiled file.
        statement: the statement as Coq prints it.
        axioms: the names of the axioms it rests on; all are among `STANDARD_AXIOMS`.
        seconds: processor time of `coqc`.
        memory: the most memory `coqc` used, in bytes.
    """

    name: str
    statement: str
    axioms: tuple[str, ...]
    seconds: float
    memory: int


@dataclass(frozen=True)
class _Run:
    output: str
    seconds: float
    memory: int


def coqc() -> str:
    """Return the Coq compiler's path (the environment variable COQC, else `coqc` on the path)."""
    found = os.environ.get("COQC") or shutil.which("coqc")
    if not found:
        raise CoqMissing("coqc is not installed; install Coq (Debian: apt-get install coq) or set COQC")
    return found


def coq_version() -> str:
    """Return the version that `coqc --version` prints, such as "8.16.1"."""
    text = subprocess.run([coqc(), "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\S+)", text)
    if match is None:
        raise CoqMissing(f"{coqc()} --version does not look like Coq")
    return match[1]


def library_path() -> Path:
    """Return a folder that holds the compiled library; compile it first if need be (about half a minute)."""
    version = coq_version()
    digest = hashlib.sha256(version.encode())
    for module in MODULES:
        digest.update((_SOURCES / f"{module}.v").read_bytes())
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "verify"
    target = base / f"coq-{version}-{digest.hexdigest()[:16]}"
    if target.is_dir():
        return target
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base, prefix="building-") as folder:
        building = Path(folder) / "library"
        building.mkdir()
        for module in MODULES:
            shutil.copyfile(_SOURCES / f"{module}.v", building / f"{module}.v")
            _run(["-Q", str(building), "Verify", f"{module}.v"], building, 600, f"the library's {module}.v")
        try:
            building.rename(target)
        except OSError:
            # Another process finished first; its result has the same name, hence the same content.
            if not target.is_dir():
                raise
    return target


def check_theorem(source: str, name: str, *, seconds: float = 600) -> CoqTheorem:
    """Compile `source` and return its theorem `name`; raise `CoqFailure` unless it rests on standard axioms alone."""
    library = library_path()
    with tempfile.TemporaryDirectory(prefix="verify-coq-") as folder:
        path = Path(folder) / "Certificate.v"
        path.write_text(f"{source}\nCheck {name}.\nPrint Assumptions {name}.\n", encoding="utf-8")
        run = _run(["-Q", str(library), "Verify", path.name], path.parent, seconds, name)
    statement, axioms = _parse(run.output, name)
    foreign = sorted(set(axioms) - STANDARD_AXIOMS)
    if foreign:
        raise CoqFailure(f"{name} rests on {', '.join(foreign)}, beyond the axioms of the real numbers")
    return CoqTheorem(name, statement, axioms, run.seconds, run.memory)


def _parse(output: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Split what `Check` and `Print Assumptions` printed into the statement and the axioms' names."""
    head, marker, tail = output.rpartition("Axioms:\n")
    if not marker:
        head, marker, tail = output.rpartition("Closed under the global context")
        if not marker:
            raise CoqFailure(f"coqc printed no assumptions for {name}")
        tail = ""
    start = re.search(rf"^{re.escape(name)}\b", head, re.MULTILINE)
    statement = " ".join(head[start.end() :].split()).removeprefix(":").strip() if start else ""
    axioms = tuple(match[1] for match in re.finditer(r"^([A-Za-z_][\w.']*)\s*(?::|$)", tail, re.MULTILINE))
    return statement, axioms


def _run(arguments: list[str], folder: Path, seconds: float, what: str) -> _Run:
    """Run `coqc` in `folder`; return what it printed, its processor time and its peak memory."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([coqc(), "-q", *arguments], cwd=folder, stdout=output, stderr=errors)
        expired = threading.Event()

        def stop() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            # wait4 tells what this one child used; `subprocess` knows only sums over all children.
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            timer.cancel()
        output.seek(0)
        errors.seek(0)
        printed, complaint = (stream.read().decode("utf-8", "replace") for stream in (output, errors))
    if expired.is_set():
        raise CoqFailure(f"coqc gave up on {what} after {seconds:g} s")
    if process.returncode:
        lines = [line for line in complaint.splitlines() if line.strip()]
        raise CoqFailure(f"coqc does not accept {what}: {' '.join(lines[-4:])[:600] or process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return _Run(printed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
