"""Write docs/api.md: the public library from its docstrings.

python scripts/api_reference.py            write it
python scripts/api_reference.py --check    exit code 1 if it is out of date
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "api.md"
sys.path.insert(0, str(ROOT))

# What users of the library meet, in reading order.
MODULES = (
    "verify.api",
    "verify.certificates.certificate",
    "verify.claims.certified",
    "verify.kernel.outcome",
    "verify.kernel.check",
    "verify.networks.depth2",
    "verify.networks.family",
    "verify.targets.profiles",
    "verify.errors",
)


def reference() -> str:
    """Return the reference as Markdown."""
    parts = ["# API reference\n\nGenerated from the docstrings by `python scripts/api_reference.py`.\n"]
    for name in MODULES:
        module = importlib.import_module(name)
        parts.append(f"\n## {name}\n\n{inspect.getdoc(module)}\n")
        members = [
            (key, value)
            for key, value in vars(module).items()
            if not key.startswith("_") and getattr(value, "__module__", None) == name
            and (inspect.isclass(value) or inspect.isfunction(value))
        ]  # fmt: skip
        for key, value in sorted(members, key=lambda pair: inspect.getsourcelines(pair[1])[1]):
            parts.append(entry(f"{key}{signature(value)}", value, 3))
            if inspect.isclass(value):
                for attribute, method in vars(value).items():
                    function = method.fget if isinstance(method, property) else getattr(method, "__func__", method)
                    if attribute.startswith("_") or not inspect.isfunction(function):
                        continue
                    shown = "" if isinstance(method, property) else signature(function)
                    parts.append(entry(f"{key}.{attribute}{shown}", function, 4))
    return "\n".join(parts)


def entry(title: str, value: object, level: int) -> str:
    return f"{'#' * level} `{title}`\n\n```text\n{inspect.getdoc(value) or ''}\n```\n"


def signature(value: object) -> str:
    if inspect.isclass(value) and issubclass(value, Exception):
        return ""
    return str(inspect.signature(value)).replace("'", "")  # type: ignore[arg-type]


def main() -> int:
    text = reference()
    before = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if "--check" in sys.argv[1:]:
        return int(before != text)
    TARGET.write_text(text, encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
