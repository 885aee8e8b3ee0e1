"""What may be wrong with a fact, said once for pages, Excel lines and messages from a phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How far a problem holds a fact up."""

    STOPS = "stops"  # cannot be kept as it is
    ASK = "ask"  # held in a file; on a page kept after one tap, "as on the paper"
    NOTICE = "notice"  # kept and said


STOPS, ASK, NOTICE = Severity.STOPS, Severity.ASK, Severity.NOTICE
ORDER = (STOPS, ASK, NOTICE)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to look at. `text` may be lazy; it is the sentence the user reads and never holds the value itself."""

    field: str
    code: str
    text: str
    severity: Severity = STOPS

    @property
    def accept_key(self) -> str:
        """What a page sends back to say "as on the paper"."""
        return f"{self.field}:{self.code}"

    def at(self, field: str) -> "Problem":
        """The same problem, at another field."""
        return self if field == self.field else Problem(field, self.code, self.text, self.severity)


def worst(problems: Iterable[Problem]) -> Severity | None:
    """The gravest severity among them; None when there is no problem."""
    found = {problem.severity for problem in problems}
    return next((severity for severity in ORDER if severity in found), None)


def held(problems: Iterable[Problem]) -> bool:
    """Whether a line of a file waits for a person: any STOPS or ASK."""
    return any(problem.severity != NOTICE for problem in problems)
