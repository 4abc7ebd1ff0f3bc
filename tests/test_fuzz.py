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
from fuzz.mutations import Bytes, mutate
from fuzz.seeds import SMALL
from fuzz_kernel import Campaign

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
