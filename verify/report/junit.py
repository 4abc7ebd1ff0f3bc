"""Results of `check` as JUnit XML, the form that CI servers show as test results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from verify.certificates.certificate import CheckResult
from verify.kernel.outcome import Rejected

# Characters that XML 1.0 cannot carry, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(rows: Sequence[tuple[CheckResult, float]]) -> str:
    """Return one test suite with a test case for each (result, seconds): rejected = failure, unreadable = error."""
    rejected = sum(isinstance(result.failure, Rejected) for result, _ in rows)
    failed = sum(result.failure is not None for result, _ in rows)
    suite = ElementTree.Element(
        "testsuite",
        name="verify check",
        tests=str(len(rows)),
        failures=str(rejected),
        errors=str(failed - rejected),
        time=f"{sum(seconds for _, seconds in rows):.3f}",
    )
    for result, seconds in rows:
        case = ElementTree.SubElement(
            suite, "testcase", classname="verify.check", name=_clean(result.source), time=f"{seconds:.3f}"
        )
        if result.theorem is not None:
            rests = "Rests on: " + "; ".join(result.theorem.rests_on)
            ElementTree.SubElement(case, "system-out").text = _clean(f"{result.theorem.statement}\n{rests}")
        elif result.failure is not None:
            tag = "failure" if isinstance(result.failure, Rejected) else "error"
            ElementTree.SubElement(case, tag, type=result.status, message=_clean(str(result.failure)))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
