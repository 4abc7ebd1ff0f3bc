"""The fuzzer of the kernel: a short campaign, and an oracle that notices false statements."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash, serialise
from verify.kernel import CheckFailure, check_bytes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from fuzz import oracle
from fuzz.lower_bounds import LOWER_BOUNDS
from fuzz.mutations import Bytes, mutate
from fuzz.numeric import NUMERIC
from fuzz.seeds import SMALL
from fuzz_kernel import Campaign, judge_again

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("universal-d1", "norm-d1", "refutation", "assumption1-relu", "assumption1-tanh", "inner-product")


@pytest.fixture(scope="module")
def seeds() -> dict[str, bytes]:
    made = {}
    for name in NAMES:
        claim, options = SMALL[name]
        made[name] = verify.certify(claim, **options).certificate.to_bytes()
    return made


def test_a_short_campaign_finds_nothing(seeds: dict[str, bytes], tmp_path: Path) -> None:
    campaign = Campaign(seeds, tmp_path, case_seconds=0.0)
    source = random.Random(7)
    for _ in range(1500):
        campaign.one(source)
    assert campaign.findings == []
    assert campaign.counts["verified: same statement"] > 0
    assert campaign.counts["refused: rejected"] > 0
    assert campaign.counts["refused: malformed"] > 0


@settings(max_examples=150)
@given(st.binary(max_size=60))
def test_hypothesis_finds_nothing_but_check_failures(seeds: dict[str, bytes], data: bytes) -> None:
    source = Bytes(data)
    name = source.choice(sorted(seeds))
    _, raw = mutate(source, seeds, name)
    try:
        theorem = check_bytes(raw)
    except CheckFailure:
        return
    verdict, _ = oracle.judge(raw, seeds[name], theorem, check_bytes(seeds[name]).statement)
    assert verdict != oracle.FALSE


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("universal-d1", ("claim", "bound"), "1/100"),
        ("universal-d1", ("witness", "error"), "1/2"),
        ("norm-d1", ("claim", "epsilon"), "1/100000"),
        ("norm-d1", ("network", "constant"), 12345),
        ("refutation", ("claim", "epsilon"), "1/2"),
    ],
)
def test_the_oracle_calls_a_false_statement_false(
    seeds: dict[str, bytes], name: str, path: tuple[str, str], value: Any
) -> None:
    document = json.loads(seeds[name])
    document[path[0]][path[1]] = value
    raw = serialise(rehash(document))
    theorem = check_bytes(seeds[name])  # what a kernel that believed the file would return, with another statement
    verdict, changes = oracle.judge(raw, seeds[name], theorem, "another statement")
    assert verdict == oracle.FALSE
    assert changes
    with pytest.raises(CheckFailure):
        check_bytes(raw)


SHIPPED = Path(__file__).resolve().parents[1] / "certificates"

# certificate, place of a number, what it becomes: a statement that is false (or that no proof of its rule gives)
FALSE = [
    ("assumption1-relu-L1-R1-delta0.05", ("claim", "bound"), "1/45"),
    ("assumption1-gelu-L1-R1-delta0.05", ("network", "sharpness"), 4),
    ("assumption1-sigmoid-L1-R1-delta0.05", ("network", "width"), 18),
    ("depth3-d8", ("claim", "epsilon"), "1/2000"),
    ("depth3-d8", ("claim", "neurons"), 100),
    ("growth-eps0.3", ("claim", "epsilon"), "1/4"),
    ("growth-eps0.3", ("claim", "constant"), 5),
    ("growth-eps0.3", ("network", "ratio"), 8),
    ("growth-d10-1000-eps0.3", ("claim", "exponent"), 1),
    ("growth-d10-1000-eps0.3", ("claim", "to"), 1200),
    ("ip2-n40", ("claim", "depth2_width"), 10**9),
    ("separation-code-n12", ("claim", "depth2_width"), 9),
    ("separation-code-n12", ("claim", "height"), "2/5"),
    ("thm1-d8-eps0.25", ("claim", "bound"), "1/10"),
    ("thm1-d30-eps0.3", ("claim", "bound"), "1/10"),
    ("thm1-d3-eps0.2-threshold", ("claim", "bound"), "1/10"),
    ("thm1-d4-eps0.12", ("claim", "bound"), "1/20"),
    ("thm1-d8-eps0.25-bump-sigmoid", ("network", "directions", "classes"), []),
    ("thm1-d7-eps0.2", ("claim", "bound"), "19/100"),
    ("thm1-d7-eps0.2", ("network", "directions", "classes", 0, "mass"), "1/2"),
    ("thm3-d16-k5-eps0.01", ("network", "directions", "classes", 2, "mass"), "1/9"),
    ("thm3-d3-k2-eps0.1", ("claim", "bound"), "1/20"),
    ("thm3-d10-k2-eps0.01-sigmoid", ("network", "directions", "classes"), []),
]


@pytest.mark.parametrize(("name", "place", "value"), FALSE)
def test_numbers_contradict_false_statements(name: str, place: tuple[str, ...], value: Any) -> None:
    raw = (SHIPPED / f"{name}.json").read_bytes()
    document = json.loads(raw)
    kind, statement = document["claim"]["kind"], check_bytes(raw).statement
    assert NUMERIC[kind](document, statement) is True
    part = document
    for key in place[:-1]:
        part = part[key]
    if place == ("claim", "bound"):
        statement = statement.replace(f"<= {part['bound']} ", f"<= {value} ")
    part[place[-1]] = value
    assert NUMERIC[kind](document, statement) is not True


def test_what_the_oracle_cannot_judge_is_kept_and_judged_again(
    seeds: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(oracle, "NUMERIC", {})
    campaign = Campaign(seeds, tmp_path, case_seconds=0.0)
    source = random.Random(11)
    for _ in range(600):
        campaign.one(source)
    assert campaign.counts["verified: unexplained"] > 0
    monkeypatch.undo()
    monkeypatch.setattr("fuzz.seeds.collect", lambda folder: seeds)
    assert judge_again(tmp_path / "undecided.jsonl.gz", tmp_path) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["true at samples"] > 0
    assert sum(counts.values()) == campaign.counts["verified: unexplained"]


OVERSTATED: list[tuple[str, dict[str, Any]]] = [
    ("thm5-d5-eps0.008", {"error": "9/1000"}),
    ("thm5-d5-eps0.008", {"width": 330}),
    ("thm5-d3-eps1_27", {"error": "2/49"}),
    ("thm5-d6-eps0.02-hat", {"error": "21/1000"}),
    ("separation-d3-63neurons", {"error": "1/8"}),
    ("pathnorm-d5", {"path_norm": 5300}),
    ("pathnorm-d5", {"width": 2400}),
]


@pytest.mark.parametrize("name", sorted({name for name, _ in OVERSTATED}))
def test_the_numeric_oracle_agrees_with_lower_bounds(name: str) -> None:
    body = json.loads((ROOT / "certificates" / f"{name}.json").read_text(encoding="ascii"))
    assert LOWER_BOUNDS[body["claim"]["kind"]](body, "") is True


@pytest.mark.parametrize(("name", "claim"), OVERSTATED)
def test_the_numeric_oracle_notices_overstated_lower_bounds(name: str, claim: dict[str, Any]) -> None:
    body = json.loads((ROOT / "certificates" / f"{name}.json").read_text(encoding="ascii"))
    body["claim"].update(claim)
    assert LOWER_BOUNDS[body["claim"]["kind"]](body, "") is False
