"""The three rules of the architecture, held by machine: a small trusted kernel, one direction of imports, no floats."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "verify"
FILES = sorted(PACKAGE.rglob("*.py"))
KERNEL = sorted((PACKAGE / "kernel").rglob("*.py"))

# A part may import the parts of its own layer and of the layers before it.
LAYERS = (
    ("kernel", "errors"),
    ("exact", "progress"),
    ("networks", "sphere", "targets"),
    ("certificates",),
    ("formats", "coq"),
    ("constructions", "provers", "designs"),
    ("claims", "report"),
    ("api",),
    ("cli",),
    ("__main__",),
)
LAYER = {part: depth for depth, parts in enumerate(LAYERS) for part in parts}

FORBIDDEN_IN_KERNEL = {"pickle", "marshal", "shelve", "importlib", "ctypes", "subprocess", "socket", "random", "cmath"}
EXACT_MATH = {"isqrt", "gcd", "lcm", "prod", "comb", "perm", "factorial"}
FLOATS = {"float", "complex", "float16", "float32", "float64", "floating", "double", "longdouble", "inf", "nan"}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "stuff"}

# A huge part is a sign of two concerns.
MOST_LINES = 500


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each imported module, wherever in the file, with the names taken from it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: a relative import"
            yield node.module or "", [alias.name for alias in node.names]


@pytest.mark.parametrize("path", KERNEL, ids=name)
def test_the_kernel_imports_nothing_but_the_standard_library_numpy_and_itself(path: Path) -> None:
    for module, _ in imports(path):
        top = module.split(".")[0]
        own = module == "verify.kernel" or module.startswith("verify.kernel.")
        assert own or top == "numpy" or top in sys.stdlib_module_names, f"{name(path)} imports {module}"
        assert top not in FORBIDDEN_IN_KERNEL, f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", KERNEL, ids=name)
def test_the_kernel_has_no_floats_no_assertions_and_evaluates_no_text(path: Path) -> None:
    for node in ast.walk(tree(path)):
        at = f"{name(path)}:{getattr(node, 'lineno', 0)}"
        assert not isinstance(node, ast.Assert), f"{at}: an assert statement checks nothing under python -O"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), f"{at}: a float"
        identifier = getattr(node, "id", None) or getattr(node, "attr", None)
        assert identifier not in FLOATS, f"{at}: {identifier}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__", "input", "open"}, at
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "math":
            assert node.attr in EXACT_MATH, f"{at}: math.{node.attr} is a float"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type is not None else ""
            last = node.body[-1]
            raised_again = isinstance(last, ast.Raise) and last.exc is None
            assert raised_again or caught not in {"", "Exception", "BaseException"}, f"{at}: catches everything"
    for module, names in imports(path):
        if module == "math":
            assert set(names) <= EXACT_MATH, f"{name(path)}: {names} from math"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if part == "__init__":
        return
    assert part in LAYER, f"give {part!r} its place in LAYERS"
    for module, names in imports(path):
        if module == "verify":
            assert names == ["__version__"], f"{name(path)} imports {names} from the package itself"
        elif module.startswith("verify."):
            other = module.split(".")[1]
            assert LAYER.get(other, len(LAYERS)) <= LAYER[part], f"{name(path)}: {part} imports {other}"


def test_files_are_short_and_no_file_is_a_drawer() -> None:
    for path in [*FILES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= MOST_LINES, f"{name(path)} has {lines} lines"
        assert path.stem not in DRAWERS, f"{name(path)}: name the file after what it holds"


def test_every_package_and_module_says_what_it_is() -> None:
    for path in FILES:
        assert ast.get_docstring(tree(path)), f"{name(path)} has no docstring"


def test_checking_loads_no_prover() -> None:
    """Importing the kernel, in a fresh interpreter, loads neither a solver nor anything that proves."""
    program = "import sys, verify.kernel; print(*sorted({module for module in sys.modules}))"
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, timeout=120
    )
    loaded = set(output.stdout.split())
    for heavy in ("scipy", "sympy", "z3", "flint", "mpmath", "matplotlib", "onnx"):
        assert heavy not in loaded, f"import verify.kernel loads {heavy}"
    for part in ("provers", "constructions", "networks", "sphere", "targets"):
        assert f"verify.{part}" not in loaded, f"import verify.kernel loads verify.{part}"
