"""Reads across the nouns of the plans room: where we stand (coverage), and a written plan beside it (plans)."""

from tongxing.plans.queries.coverage import (
    Gap,
    Report,
    Standing,
    as_paper,
    called,
    colleagues,
    coverage,
    gaps_of,
    report,
)
from tongxing.plans.queries.plans import Group, Line, PlanPage, doers, page_of, plans_of

__all__ = [
    "Gap",
    "Group",
    "Line",
    "PlanPage",
    "Report",
    "Standing",
    "as_paper",
    "called",
    "colleagues",
    "coverage",
    "doers",
    "gaps_of",
    "page_of",
    "plans_of",
    "report",
]
