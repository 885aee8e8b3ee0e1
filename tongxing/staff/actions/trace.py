"""That the trace was verified, and with what result, is itself noted in the trace."""

from uuid import UUID

from tongxing.base.records import action, current_deed
from tongxing.base.seal import Verdict

TRACE = UUID(int=1)  # the trace as a whole, as the subject of its verification


@action("staff.verify_trace")
def note_verdict(*, by, verdict: Verdict) -> None:
    """Keep what a verification found: rows that stand, and the first thing that does not."""
    broken = verdict.first_broken or {}
    facts = {"ok": verdict.ok, "events": verdict.events, "looks": verdict.looks, "broken": broken.get("what")}
    facts |= {"chain": broken.get("chain"), "number": broken.get("number")}
    current_deed().changes["base.trace", TRACE, ""].extend(
        ("trace", name, None, value, False, False) for name, value in facts.items() if value is not None
    )
