"""What `show` says of directions: as many lines as the kernel counts, and formulas that hold in other dimensions."""

from __future__ import annotations

import copy
import json
import re
from math import comb
from pathlib import Path
from typing import Any

import pytest

import verify
from verify.certificates.directions import directions_in_words
from verify.cli.main import run
from verify.formats.coq.certificates import has_coq_rule
from verify.kernel.cubature.moments import orbit_lines

SHIPPED = Path(__file__).resolve().parent.parent / "certificates"
NAMES = sorted(path.stem for path in SHIPPED.glob("thm[13]-*.json") if "cover" not in path.stem)


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_shown_are_those_that_the_kernel_counts(name: str) -> None:
    document = json.loads((SHIPPED / f"{name}.json").read_text())
    theorem = verify.check(document).theorem
    assert theorem is not None
    shown = directions_in_words(document)
    if document["network"]["directions"]["kind"] not in ("orbits", "lines"):
        return
    assert sum(int(line.split(" line")[0].replace(",", "")) for line in shown) == theorem.figures["lines"]
    d = document["claim"]["dimension"]
    for line in shown:
        if match := re.search(r": ([\d,]+) binom\(d, (\d+)\), degree (\d+)", line):
            ways, size, degree = (int(group.replace(",", "")) for group in match.groups())
            entries = tuple((int(v), int(c)) for c, v in re.findall(r"(\d+) entr(?:y|ies) \+-(\d+)", line))
            assert size == degree
            for other in (d, d + 1, 2 * d):
                assert ways * comb(other, size) == orbit_lines(entries, other)


def test_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", str(SHIPPED / "thm1-d1000-eps0.3.json")]) == 0
    assert "1,000 lines, vectors with 1 entry +-1: d, degree 1 in d" in capsys.readouterr().out
    assert run(["show", str(SHIPPED / "thm1-d2-eps0.1.json")]) == 0
    assert "listed one by one" in capsys.readouterr().out
    assert run(["show", str(SHIPPED / "thm4-d5.json")]) == 0
    assert "directions" not in capsys.readouterr().out


def test_hostile_directions_are_not_worked_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document: dict[str, Any] = json.loads((SHIPPED / "thm1-d1000-eps0.3.json").read_text())
    for item in ({"entries": [[1, 10**9]]}, {"entries": [[1, 1000]], "array": 10**9}, {"entries": [[1]]}):
        body = copy.deepcopy(document)
        body["network"]["directions"]["classes"] = [item]
        (tmp_path / "c.json").write_text(json.dumps(body))
        assert len(item["entries"][0]) == 1 or not has_coq_rule(body)
        assert run(["show", str(tmp_path / "c.json")]) == 4
        assert capsys.readouterr().err.count("\n") == 1
