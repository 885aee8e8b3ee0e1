"""Lines become plans, plans become an outline of numbered parts; broken numbering is mended where the numbers tell.

A number that is missing between two others belongs to the line between them that looks most like a heading; a heading
glued behind a line is cut off when its number is the one to come next. What was mended is noted for a person to see.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from tongxing.plans.reading import numbers
from tongxing.plans.reading.lines import Line
from tongxing.plans.reading.numbers import Mark
from tongxing.plans.reading.tables import any_of, chinese_number, class_of, marks
from tongxing.plans.reading.tables import lines as lines_of

SHORT = 40  # characters of a line that may be a website's
HEADING = 32  # characters of a heading that stands alone
SENTENCE = 14  # characters of a heading that is a sentence with its text behind it
ALONE = 12  # characters of a line that only says which plan of a file begins
TITLE = (6, 46)
LONG = 16  # characters from which a line is expected to end as a sentence does
WRAPPED = 34  # characters from which a line without an end may go on in the next
MISSING = 3  # numbers that may be lost in one place


@dataclass
class Entry:
    """A line of a plan; with its number, where one was written or mended, and how deep it stands."""

    text: str
    mark: Mark | None = None
    depth: int = -1  # of numbered lines: 0 is the outermost; -1 is text
    mended: str = ""  # lost, glued, or ""
    cells: dict = field(default_factory=dict)

    @property
    def said(self) -> str:
        """The line without its number."""
        return self.mark.rest if self.mark else self.text


@dataclass
class Node:
    """A numbered part with its text and the parts inside it."""

    label: str
    heading: str
    mended: str = ""
    lines: list[Entry] = field(default_factory=list)
    parts: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that stands in it, its heading first."""
        found = [self.heading, *(line.text for line in self.lines)]
        found += [f"{part.label} {part.text}" for part in self.parts]
        return "\n".join(one for one in found if one)


@dataclass
class Piece:
    """The lines of one plan, its title apart."""

    title: str = ""
    entries: list[Entry] = field(default_factory=list)


# ── words that are a website's ───────────────────────────────────────────────────────────────────────────────────────


@cache
def _website() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for way, words in lines_of("website.tsv"):
        found.setdefault(way, []).append(words)
    return {way: tuple(words) for way, words in found.items()}


@cache
def _bullet() -> re.Pattern:
    return re.compile(rf"^(?:{class_of(marks('bullets'))}\s*)+(?=\S)")


def is_website(text: str) -> bool:
    """Whether a line belongs to the page a plan was copied from."""
    plain, ways = _bullet().sub("", text), _website()
    return (
        any(words in plain for words in ways["line"])
        or (len(plain) <= SHORT and any(words in plain for words in ways["short"]))
        or (len(plain) <= 3 * SHORT and plain.startswith(ways["begins"]))
        or plain in ways["whole"]
    )


# ── where a plan begins ──────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _piece() -> re.Pattern:
    """ "第2篇", "篇一：", "【第2篇】", "范文三" before a title or alone."""
    number = rf"(?:{chinese_number()}|\d{{1,2}})"
    opens, closes = class_of(marks("brackets_open")), class_of(marks("brackets_close"))
    units = class_of(marks("pieces"))
    words = any_of(marks("piece_words"))
    after = class_of(marks("after_number"))
    return re.compile(
        rf"^{opens}?\s*(?:{marks('ordinal')[0]}\s*{number}\s*{units}|{words}\s*{number})\s*{closes}?\s*{after}?\s*"
    )


@cache
def _titled() -> re.Pattern:
    tails = any_of(marks("title_tails"))
    opens, closes = class_of(marks("brackets_open")), class_of(marks("brackets_close"))
    end = rf"(?:{tails}|{opens}[^{closes[1:-1]}]{{1,14}}{closes}|\d{{1,2}}|\s)*$"
    return re.compile(rf"{any_of(marks('titles'))}{end}")


def title_in(text: str) -> str:
    """The title a line holds, or ""; a numbered line or a sentence is none."""
    text = _piece().sub("", text, count=1)
    if not TITLE[0] <= len(text) <= TITLE[1] or numbers.mark_at(text):
        return ""
    if re.search(class_of([*marks("sentence_ends"), *"，,"]), text) or not _titled().search(text):
        return ""
    return text


def pieces(document: list[Line]) -> tuple[list[Piece], list[str]]:
    """The plans of a document, and the lines that were left aside as a website's."""
    kept, aside = [], []
    for one in document:
        (aside.append(one.text) if not one.cells and is_website(one.text) else kept.append(one))
    kept = joined(kept)
    found = [Piece()]
    for at, one in enumerate(kept):
        begun = bool(_piece().match(one.text)) and not one.cells
        title = "" if one.cells else title_in(one.text)
        anew = (begun and (title or len(one.text) <= ALONE)) or (title and _begins_anew(kept, at, found[-1]))
        if anew and (found[-1].entries or found[-1].title):
            found.append(Piece())
        if title and not found[-1].entries:
            found[-1].title = title if not _collects(title) or not found[-1].title else found[-1].title
            if found[-1].title != title:
                aside.append(one.text)
            continue
        if begun and len(one.text) <= ALONE:
            aside.append(one.text)
            continue
        found[-1].entries.append(Entry(one.text, cells=one.cells))
    whole = [piece for piece in found if any(numbers.mark_at(entry.text) or entry.cells for entry in piece.entries)]
    if not whole:
        whole = [piece for piece in found if piece.entries][:1]
    for piece in found:
        if piece not in whole:
            aside += [entry.text for entry in piece.entries]
    return whole, aside


def joined(kept: list[Line]) -> list[Line]:
    """The lines, those put together that were broken at the edge of a page: long, not closed, nothing numbered next."""
    found: list[Line] = []
    closed = tuple(marks("closed_by"))
    for one in kept:
        before = found[-1] if found else None
        if (
            before is not None
            and not (before.cells or one.cells)
            and len(before.text) >= WRAPPED
            and not before.text.endswith(closed)
            and not numbers.mark_at(one.text)
            and not numbers.glued_near_end(before.text)
            and not _piece().match(one.text)
            and not title_in(one.text)
            and not section_of(one.text)
        ):
            found[-1] = Line(before.text + one.text)
        else:
            found.append(one)
    return found


def _collects(title: str) -> bool:
    """A page's name for several plans, such as one that ends in "selected"."""
    return any(word in title for word in marks("collections"))


def _begins_anew(kept: list[Line], at: int, current: Piece) -> bool:
    """Whether the numbers begin again after a line that looks like a title, in the midst of a plan."""
    if not current.entries:
        return False
    first = next((mark for entry in current.entries if (mark := numbers.mark_at(entry.text))), None)
    after = next((mark for one in kept[at + 1 :] if (mark := numbers.mark_at(one.text))), None)
    return first is not None and after is not None and after.value == 1 and after.habit == first.habit


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def section_of(heading: str) -> str:
    """What a heading holds: aim, goals, measures, or "" for a part that is none of these."""
    text = heading.strip(" ：:。.、，,")
    for word in marks("heading_tails"):
        text = text.removesuffix(word)
    kinds = {words: kind for kind, words in lines_of("sections.tsv")}
    if text in kinds:
        return kinds[text]
    found = [words for words in kinds if text.endswith(words) and len(text) <= len(words) + 6 and len(words) >= 4]
    return kinds[max(found, key=len)] if found else ""


ALIKE = {"figure", "half_bracket"}  # habits that people mix within one list


class _Stack:
    """The habits of numbering that are open at a line, the outermost first, each with its last value."""

    def __init__(self):
        self.levels: list[list] = []  # [habit, last value]

    def expected(self) -> set[tuple[str, int]]:
        return {(habit, value + 1) for habit, value in self.levels}

    @staticmethod
    def _goes_on(level: list, mark: Mark) -> bool:
        return level[0] in ALIKE and level[1] + 1 == mark.value

    def place(self, mark: Mark) -> int:
        """How deep a number stands; it closes what is deeper."""
        habits = [habit for habit, _value in self.levels]
        if mark.habit in habits:
            depth = habits.index(mark.habit)
        elif mark.habit in ALIKE and (
            next_to := [at for at, one in enumerate(self.levels) if self._goes_on(one, mark)]
        ):
            depth = next_to[-1]  # the list goes on in a habit like its own: 1、 2、 3)
            self.levels = [*self.levels[:depth], [self.levels[depth][0], mark.value]]
            return depth
        else:
            depth = len(self.levels)
        self.levels = [*self.levels[:depth], [mark.habit, mark.value]]
        return depth


def numbered(entries: list[Entry]) -> list[Entry]:
    """The same lines with their numbers found, glued headings cut off, and each at its depth."""
    stack, found, waiting = _Stack(), [], list(reversed(entries))
    while waiting:
        entry = waiting.pop()
        if entry.cells:
            found.append(entry)
            continue
        text = numbers.folded(entry.text)
        bare = _bullet().sub("", text) if not numbers.mark_at(text) else text
        mark = numbers.mark_at(bare)
        if mark is None and section_of(bare) and not _inside_same(found, bare):
            mark = _unnumbered(stack, bare)
            if mark:
                entry.mended = entry.mended or "lost"
        if mark:
            entry.mark, entry.depth = mark, stack.place(mark)
            if mark.habit == "spoken":
                entry.mended = ""  # points told in one paragraph stand behind one another by habit
        if hit := numbers.glued(mark.rest if mark else text, stack.expected()):
            own, behind = hit
            entry.text, entry.mark = own, mark._replace(rest=own) if mark else None
            waiting.append(Entry(behind, mended="glued"))
        else:
            entry.text = text if mark else bare
        found.append(entry)
    return found


def _inside_same(found: list[Entry], heading: str) -> bool:
    """Whether an unnumbered heading only repeats the part it stands in: "具体措施：" under the measures."""
    above = next((one for one in reversed(found) if one.mark and one.depth == 0), None)
    return above is not None and section_of(above.said) == section_of(heading)


def _unnumbered(stack: _Stack, heading: str) -> Mark:
    """The number a heading of a whole part has lost."""
    if not stack.levels:
        return Mark("heading", 1, "", heading)
    habit, value = stack.levels[0]
    return Mark(habit, value + 1, "", heading)


def heading_likeness(text: str) -> int:
    """3: a short line that stands alone; 2: a short sentence with its text behind it; 1: a short sentence; 0: none."""
    if not text or text[-1] in "：:":
        return 0
    if len(text) <= HEADING and text[-1] not in marks("closed_by"):
        return 3
    ends = re.search(class_of(marks("sentence_ends")), text)
    if ends and ends.start() <= SENTENCE:
        return 2 if ends.end() < len(text) else 1
    return 0


def mend_lost(entries: list[Entry]) -> None:
    """Give lines their lost numbers, in place: those missing before, between, and after the numbers that stand."""
    for depth in range(max((one.depth for one in entries), default=-1) + 1):
        for run in _runs(entries, depth):
            before = run[0][0]
            for at, (start, end) in enumerate(_between(run)):
                earlier = entries[run[at - 1][1]] if at else None
                later = entries[run[at][1]]
                have = earlier.mark.value if earlier else 0
                missing = later.mark.value - have - 1
                if 0 < missing <= MISSING:
                    _promote(entries, range(start, end), missing, have, later.mark, depth, first=at == 0)
            _mend_tail(entries, run, before, depth)


def _runs(entries: list[Entry], depth: int) -> list[list[tuple[int, int]]]:
    """The numbers of one depth under one heading: [(index of the heading, index of the number)]."""
    found, current, above = [], [], -1
    for at, one in enumerate(entries):
        if one.mark is None:
            continue
        if one.depth < depth:
            if current:
                found.append(current)
            current, above = [], at
        elif one.depth == depth:
            if current and one.mark.value <= entries[current[-1][1]].mark.value:
                found.append(current)
                current, above = [], current[-1][1]
            current.append((above, at))
    return [*found, current] if current else found


def _between(run) -> list[tuple[int, int]]:
    """The lines before each number of a run, from the number before it or from the heading."""
    starts = [run[0][0] + 1, *(at + 1 for _above, at in run[:-1])]
    return [(start, at) for start, (_above, at) in zip(starts, run, strict=True)]


def _promote(entries, places, missing: int, have: int, like: Mark, depth: int, *, first: bool) -> None:
    """The likeliest headings among these lines become numbers `have + 1`, …"""
    chosen = []
    for at in places:
        one = entries[at]
        likely = heading_likeness(one.text) if one.mark is None and not one.cells else 0
        follows_heading = not first and at == places.start and heading_likeness(entries[at - 1].said) == 3
        if likely and not (follows_heading and likely < 3):
            chosen.append((-likely, at))
    for number, (_likely, at) in enumerate(sorted(sorted(chosen)[:missing], key=lambda one: one[1])):
        entries[at].mark = Mark(
            like.habit, have + 1 + number, numbers.written(like, have + 1 + number), entries[at].text
        )
        entries[at].depth, entries[at].mended = depth, "lost"


def _mend_tail(entries, run, above: int, depth: int) -> None:
    """After the last number of a run whose headings all stand alone, one more such line with text behind it is next."""
    if len(run) < 3 or any(heading_likeness(entries[at].said) < 3 for _above, at in run):
        return
    last = run[-1][1]
    end = next((at for at in range(last + 1, len(entries)) if 0 <= entries[at].depth <= depth), len(entries))
    for at in range(last + 2, end - 1):
        one, text = entries[at], entries[at + 1]
        if one.mark is None and text.mark is None and heading_likeness(one.text) == 3 and len(text.text) > HEADING:
            like = entries[last].mark
            value = max(entries[place].mark.value for place in range(last, at) if entries[place].depth == depth) + 1
            one.mark, one.depth = Mark(like.habit, value, numbers.written(like, value), one.text), depth
            one.mended = "lost"


def tree(entries: list[Entry]) -> Node:
    """The outline: a root whose lines are the plan's opening words."""
    root = Node("", "")
    path = [root]
    for one in entries:
        if one.mark is None:
            path[-1].lines.append(one)
            continue
        path = path[: one.depth + 1]
        node = Node(one.mark.label, one.mark.rest, one.mended)
        path[-1].parts.append(node)
        path.append(node)
    return root


# ── how a plan ends ──────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _dated() -> re.Pattern:
    number = rf"(?:{chinese_number()}|\d{{1,2}})"
    years = class_of([way for ways in marks("figures") for way in ways])
    year, month, day = marks("year")[0], marks("month")[0], class_of(marks("day"))
    return re.compile(
        rf"^(?:20\d\d|{years}{{4}})\s*(?:{year}|[-./])\s*{number}\s*(?:{month}|[-./])?\s*(?:{number}\s*{day}?)?$"
    )


def without_signature(entries: list[Entry]) -> tuple[list[Entry], str]:
    """The lines without the office and the day that sign a plan, and that day as it was written."""
    rest = list(entries)
    for at in range(len(rest) - 1, max(len(rest) - 4, -1), -1):
        if not rest[at].cells and _dated().match(rest[at].text):
            signed = rest[at].text
            del rest[at:]
            while (
                rest
                and not rest[-1].cells
                and heading_likeness(rest[-1].text) == 3
                and not numbers.mark_at(rest[-1].text)
            ):
                if len(rest[-1].text) > 20 or len(entries) - len(rest) > 3:
                    break
                del rest[-1]
            return rest, signed
    return rest, ""


def is_truncated(entries: list[Entry]) -> bool:
    """Whether the last line breaks off: long, and not closed as the others are."""
    if not entries or entries[-1].cells:
        return False
    closed = tuple(marks("closed_by"))
    long = [one.text for one in entries[:-1] if len(one.text) >= LONG and not one.cells]
    usual = not long or 2 * sum(one.endswith(closed) for one in long) >= len(long)
    last = entries[-1].text
    return usual and len(last) >= LONG and not last.endswith(closed)
