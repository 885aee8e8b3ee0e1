"""What the test runs did, and what they did not do and why: reads the reports pytest wrote into a folder."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

NAMED = 20  # failures told by name


def first_line(case) -> str:
    """What went wrong with one test, in short."""
    wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
    said = (wrong.get("message") or wrong.text or "").strip().splitlines() or [""]
    return said[0][:160]


def main(folder: Path) -> int:
    good = True
    print()
    for report in sorted(folder.glob("*.xml"), reverse=True):
        cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - our own file
        told = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
        skipped = [case.find("skipped") for case in cases if case.find("skipped") is not None]
        seconds = sum(float(case.get("time", 0)) for case in cases)
        passed = len(cases) - len(told) - len(skipped)
        good &= bool(passed) and not told
        counts = f"{passed:>5} passed{len(told):>5} failed{len(skipped):>5} not run"
        print(f"{report.stem:<16}{counts}   {seconds:.0f} s of work")
        for why, count in Counter(one.get("message", "no reason given") for one in skipped).most_common():
            print(f"{'':<16}{count:>5} not run: {why}")
        for case in told[:NAMED]:
            print(f"{'':<16}      {case.get('classname')}::{case.get('name')}: {first_line(case)}")
        if not passed:
            print(f"{'':<16}nothing passed: that is no success")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
