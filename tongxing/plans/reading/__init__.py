"""A written plan becomes goals and measures, each at its rows of the plan of care. Nothing here touches a database.

    plans = read(Path("plan.docx").read_bytes())
    plans[0].measures[3].rows          # [11, 17, 18, 19, 20]
    plans[0].measures[3].evidence[0]   # why: which words of which sentence

What reading knows stands in plans/tables/*.tsv. It never guesses in silence: what was mended, left aside or not matched
is said, and a person confirms all of it before a plan is in force.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from tongxing.plans.reading import meaning, numbers, outline, stated
from tongxing.plans.reading.documents import read_lines
from tongxing.plans.reading.lines import REFUSALS, UnreadablePlan
from tongxing.plans.reading.meaning import Evidence
from tongxing.plans.reading.outline import Entry, Node
from tongxing.plans.reading.tables import class_of, marks

__all__ = ["REFUSALS", "Item", "PlanRead", "UnreadablePlan", "as_json", "read"]

ANY_PLAN = {1, 2, 3, 4, 5, 12, 13, 26}  # rows that a plan of any subject may have
HEADED = 40  # characters of what stands for an item in a table


@dataclass
class Item:
    """A goal or a measure as it stands in the file."""

    number: str
    text: str
    heading: str
    under: str = ""
    evidence: list[Evidence] = field(default_factory=list)
    target: float | int | None = None
    owner: str | None = None
    due: str | None = None
    due_on: date | None = None
    mended: str = ""  # "lost": it had no number; "glued": it stood behind the line before

    @property
    def rows(self) -> list[int]:
        return [one.row for one in self.evidence]


@dataclass
class PlanRead:
    """One plan of a file."""

    title: str = ""
    year: int | None = None
    truncated: bool = False
    goals: list[Item] = field(default_factory=list)
    measures: list[Item] = field(default_factory=list)
    also: list[Item] = field(default_factory=list)  # promises in the words before a list of goals or measures
    aside: list[str] = field(default_factory=list)  # lines that are not the plan's

    @property
    def unmatched(self) -> list[Item]:
        return [one for one in (*self.goals, *self.measures) if not one.rows]


def read(content: bytes) -> list[PlanRead]:
    """The plans of a file. Raises UnreadablePlan with the sentence to show."""
    found, aside = outline.pieces(read_lines(content))
    plans = [_plan(piece) for piece in found]
    plans = [plan for plan in plans if plan.goals or plan.measures]
    if not plans:
        raise UnreadablePlan("no_plan")
    ours = [plan for plan in plans if _is_ours(plan)]
    if not ours:
        raise UnreadablePlan("other_subject")
    for plan in plans:
        if plan not in ours:
            aside += [plan.title, *[item.text for item in (*plan.goals, *plan.measures)]]
    ours[0].aside = aside
    return ours


def _is_ours(plan: PlanRead) -> bool:
    """A plan of care: something of it is matched, and it speaks of children or of what only such plans hold."""
    rows = {row for item in (*plan.goals, *plan.measures, *plan.also) for row in item.rows}
    about = any(word in plan.title for word in marks("subjects"))
    return bool(rows) and (about or len(rows - ANY_PLAN) >= 2)


def _plan(piece: outline.Piece) -> PlanRead:
    entries, signed = outline.without_signature(piece.entries)
    plan = PlanRead(title=_clean(piece.title), truncated=outline.is_truncated(entries))
    plan.year = next(
        (year for text in (piece.title, signed, *(one.text for one in entries)) if (year := stated.year_of(text))), None
    )
    entries = outline.numbered(entries)
    outline.mend_lost(entries)
    _Gatherer(plan).gather(outline.tree(entries))
    return plan


def _clean(title: str) -> str:
    """A title without what a page adds to the name of a collection."""
    for word in marks("title_tails"):
        title = title.removesuffix(word)
    return title.strip()


class _Gatherer:
    """Walks an outline and puts goals and measures in their order."""

    def __init__(self, plan: PlanRead):
        self.plan = plan

    def gather(self, root: Node) -> None:
        tabled = [line for line in root.lines if line.cells]
        self.rows_of_table(tabled, "")
        if root.parts:
            for part in root.parts:
                self.part(part, "")
        elif not tabled:
            self.paragraphs(root.lines, self.plan.measures, "")

    def part(self, node: Node, kind: str) -> None:
        kind = outline.section_of(node.heading) or kind
        if kind == "aim":
            return
        tabled = [line for line in node.lines if line.cells]
        self.rows_of_table(tabled, node.heading, goals=kind == "goals")
        if not outline.section_of(node.heading) and not node.parts and not tabled:
            self.item(node, self.plan.measures, "")
            return
        into = self.plan.goals if kind == "goals" else self.plan.measures
        words = [line for line in node.lines if not line.cells]
        if not node.parts:
            if not tabled:
                self.paragraphs(words, into, node.heading)
            return
        self.also(words, node.heading)
        for part in node.parts:
            if outline.section_of(part.heading):
                self.part(part, kind)
            else:
                self.item(part, into, node.heading)

    def item(self, node: Node, into: list[Item], under: str) -> None:
        """A numbered part with all that stands in it; goals with several percentages are told apart."""
        bare = outline.heading_likeness(node.heading) == 3 and bool(node.lines or node.parts)
        if into is self.plan.goals and (split := _by_percentage(node.text)):
            for text in split:
                self.add(into, node.label, text, text, under, mended=node.mended)
            return
        self.add(into, node.label, node.text, node.heading, under, mended=node.mended, bare=bare)

    def add(self, into, label, text, heading, under, *, mended="", bare=False, owner="", due="") -> None:
        evidence = meaning.rows_of(text, meaning.lead_of(heading, bare=bare))
        if not evidence and under and not outline.section_of(under):
            evidence = meaning.rows_of(under, under)  # a point without words of its own is about what it stands under
        who = stated.stated_in(text, self.plan.year, owner=owner, due=due)
        into.append(
            Item(
                label,
                text,
                _headed(heading, bare),
                under,
                evidence,
                stated.target_of(text),
                who.owner,
                who.due,
                who.due_on,
                mended,
            )
        )

    def rows_of_table(self, tabled: list[Entry], under: str, *, goals=False) -> None:
        for line in tabled:
            cells = line.cells
            text = cells.get("text") or cells.get("goal", "")
            into = self.plan.goals if goals or "text" not in cells else self.plan.measures
            mark = numbers.mark_at(text)
            label = cells.get("number", "") or (mark.label if mark else "")
            self.add(
                into, label, mark.rest if mark else text, mark.rest if mark else text, under,
                owner=cells.get("owner", ""), due=cells.get("due", ""),
            )  # fmt: skip

    def paragraphs(self, lines: list[Entry], into: list[Item], under: str) -> None:
        """Goals or measures that stand without numbers: told in one breath, sentence by sentence, or line by line."""
        told = _in_one_breath([line.text for line in lines])
        if told:
            self.also([Entry(told[0][1])] if told[0][0] == "" and told[0][1] else [], under)
            for label, text in told:
                if label:
                    self.add(into, label, text, text, under)
            return
        for line in lines:
            for text in meaning.sentences(line.text) if into is self.plan.goals else [line.text]:
                if text.endswith(("：", ":")):
                    continue
                for part in (_by_percentage(text) if into is self.plan.goals else None) or [text]:
                    self.add(into, "", part, part, under)

    def also(self, lines: list[Entry], under: str) -> None:
        for line in lines:
            evidence = meaning.rows_of(line.text)
            if evidence:
                self.plan.also.append(Item("", line.text, _headed(line.text, False), under, evidence))


def _headed(text: str, bare: bool) -> str:
    """A heading for a text: the line that stands alone, else its first sentence or clause, else its beginning."""
    return meaning.lead_of(text, bare=bare or len(text) <= HEADED) or f"{text[:HEADED]}……"


def _by_percentage(text: str) -> list[str] | None:
    """A goal that gives several rates, one text for each; None where it gives one or none."""
    if len(set(stated.percents(text))) < 2:
        return None
    ends = re.compile(rf"(?<={class_of([*marks('clause_ends'), '、'])})")
    found, current = [], ""
    for clause in ends.split(text):
        current += clause
        if stated.percents(clause):
            found.append(current)
            current = ""
    if current and found:
        found[-1] += current
    return [one.strip(" ，,、；;") for one in found]


def _in_one_breath(texts: list[str]) -> list[tuple[str, str]] | None:
    """Points that follow one another inside a paragraph, "一是…二是…" or "(1)…(2)…": (label, text), what stands before
    them first under ""; None where there are not two."""
    text = "\n".join(texts)
    found: list[tuple[int, numbers.Mark]] = []
    for at in range(len(text)):
        if at and not (
            text[at - 1].isspace() or text[at - 1] in marks("closed_by") or text[at - 1] in marks("clause_ends")
        ):
            continue
        mark = numbers.mark_at(text, at)
        if mark and mark.value == len(found) + 1 and (not found or mark.habit == found[0][1].habit):
            found.append((at, mark))
    if len(found) < 2:
        return None
    ends = [at for at, _mark in found[1:]] + [len(text)]
    before = text[: found[0][0]].strip()
    points = []
    for (at, mark), end in zip(found, ends, strict=True):
        whole = text[at:end].strip()
        points.append((mark.label, numbers.mark_at(whole).rest.strip(" ；;")))
    return [("", before), *points]


# ── for scripts ──────────────────────────────────────────────────────────────────────────────────────────────────────


def as_json(plans: list[PlanRead]) -> dict:
    """As docs/cli.md describes `plan read`."""
    return {"plans": [_plan_json(plan) for plan in plans]}


def _plan_json(plan: PlanRead) -> dict:
    return {
        "title": plan.title,
        "year": plan.year,
        "truncated": plan.truncated,
        "goals": [_item_json(one) for one in plan.goals],
        "measures": [_item_json(one) for one in plan.measures],
        "unmatched": [{"number": one.number, "text": one.text} for one in plan.unmatched],
        "also": [{"under": one.under, "text": one.text, "rows": one.rows} for one in plan.also],
        "aside": plan.aside,
    }


def _item_json(item: Item) -> dict:
    return {
        "number": item.number,
        "text": item.text,
        "target_percent": item.target,
        "rows": item.rows,
        "owner": item.owner,
        "due": item.due,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "under": item.under,
        "mended": item.mended,
        "evidence": [{"row": one.row, "words": list(one.words), "sentence": one.sentence} for one in item.evidence],
    }
