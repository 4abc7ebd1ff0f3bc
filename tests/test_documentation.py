"""The documentation tells the truth: its sessions run, its links lead somewhere, its API reference is current."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The benchmarks' figures are drawn by the benchmarks, on demand.
PAGES = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.stem != "benchmarks")]


@pytest.mark.parametrize("name", ["tutorial", "your-own-profile-or-network", "small-networks-and-export"])
def test_sessions(name: str) -> None:
    results = doctest.testfile(str(ROOT / "docs" / f"{name}.md"), module_relative=False)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_folder_of_the_kernel_has_its_page_of_rules_and_the_index_names_every_rule() -> None:
    pages = ROOT / "docs" / "rules"
    index = (pages / "README.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in (ROOT / "verify" / "kernel").glob("*/__init__.py")}
    assert folders == {page.stem for page in pages.glob("*.md")} - {"README"}
    for page in pages.glob("*.md"):
        row = "" if page.stem == "README" else next(line for line in index.splitlines() if f"({page.stem}.md)" in line)
        for title in re.findall(
            r"^#{2,3} ((?:[A-Z][A-Z0-9 -]+|tubes/[a-z]+)\b)(?:[:, ]|$)", row and page.read_text("utf-8"), re.M
        ):
            for rule in title.split(" and "):
                assert rule.strip() in row, f"{page.name}: {rule} is not in the index"


def test_the_api_reference_is_current() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "api_reference.py"), "--check"], timeout=120)
    assert done.returncode == 0, "run python scripts/api_reference.py"


def test_the_independent_checker_prints_what_its_page_shows() -> None:
    page = (ROOT / "docs" / "independent-checker.md").read_text(encoding="utf-8")
    command, shown = re.findall(r"^    \$ python (.*)\n    (.*)$", page, flags=re.MULTILINE)[0]
    done = subprocess.run([sys.executable, *command.split()], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == shown
