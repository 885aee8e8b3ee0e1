"""What must hold: the framework's checks for a deployment, queries that must be empty, files, jobs, keys, the trace.

A problem makes the check fail; advice does not. `repair` rebuilds what can be rebuilt from other rows: the last days of
acts of care and the look-up rows of children.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import checks
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from tongxing.base import clock, seal
from tongxing.base.attachments import Attachment
from tongxing.base.jobs import SILENT_AFTER, Job, JobState
from tongxing.base.keys import NoKey
from tongxing.base.records import SYSTEM, action, current_deed
from tongxing.base.sealed import CannotOpen
from tongxing.care.actions import rebuild_last
from tongxing.care.choices import ActKind
from tongxing.care.models import LastAct, Visit
from tongxing.children.actions import rebuild_card, rebuild_keys
from tongxing.children.choices import KeyKind
from tongxing.children.merges import Merge
from tongxing.children.models import Attention, CareEpisode, Child, KinRole, Lookup, Pairing, Schooling
from tongxing.children.queries import wrongly_kept
from tongxing.children.queries.merging import acts
from tongxing.commands.restore import closed_values

SHOWN = 5  # ids named with each problem
WAITED = timedelta(hours=1)  # a job that nobody takes for so long has no worker
CHUNK = 200
ABOUT_TLS = {"security.W004", "security.W008", "security.W012", "security.W016"}  # one sentence of ours says it all


@dataclass(frozen=True)
class Rule:
    """A query that must be empty, and the sentence that is true where it is not."""

    code: str
    says: str
    rows: Callable[[], QuerySet]
    rebuild: Callable[[Child], None] | None = None  # the rows are children, and this puts one right


RULES: list[Rule] = []


def rule(code: str, says: str, rebuild=None):
    def keep(rows):
        RULES.append(Rule(code, says, rows, rebuild))
        return rows

    return keep


def check(repair: bool = False) -> dict:
    """Everything at once: {"ok", "problems": [{"code", "says", "count", "first"}], "advice", "repaired", "trace"}."""
    problems = list(_deployment())
    if pending := _pending_migrations():
        problems.append(_problem("migrations", "the database waits for migrations: run `tongxing migrate`", pending))
        return {"ok": False, "problems": problems, "advice": _advice(), "repaired": {}}
    repaired = _repair() if repair else {}
    problems += [*_rows(), *_references(), *_files(), *_jobs(), *_keys()]
    verdict = seal.verify()
    if not verdict.ok:
        broken = verdict.first_broken
        says = f"the trace does not verify: {broken['chain']} {broken['number']}, {broken['what']}"
        problems.append(_problem("trace", says, [f"{broken['chain']} {broken['number']}"]))
    trace = {"events": verdict.events, "looks": verdict.looks, "ok": verdict.ok}
    return {"ok": not problems, "problems": problems, "advice": _advice(), "repaired": repaired, "trace": trace}


def _problem(code: str, says: str, found: list) -> dict:
    return {"code": code, "says": says, "count": len(found), "first": found[:SHOWN]}


def _rows() -> Iterator[dict]:
    for one in RULES:
        if found := [str(pk) for pk in one.rows().values_list("pk", flat=True)]:
            yield _problem(one.code, one.says, found)


# ── the installation ─────────────────────────────────────────────────────────────────────────────────────────────────


def _messages() -> list:
    return checks.run_checks(include_deployment_checks=True)


def _deployment() -> Iterator[dict]:
    for message in _messages():
        if message.level >= checks.ERROR:
            yield _problem(message.id or "framework", message.msg.splitlines()[0], [str(message.obj or "")])
    if settings.DEBUG:
        yield _problem("debug", "error pages show details (TONGXING_DEBUG): nobody but a developer may see them", [""])
    local = {"localhost", "127.0.0.1", "[::1]", "testserver"}
    if (outside := sorted(set(settings.ALLOWED_HOSTS) - local)) and not settings.HTTPS:
        yield _problem("tls", "the site answers to names beyond this machine without TLS (TONGXING_HTTPS)", outside)
    mode = stat.S_IMODE(os.stat(settings.KEYS).st_mode)
    if mode & 0o077:
        yield _problem("key_file", f"others can read the key ring (mode {mode:o}): make it 600", [str(settings.KEYS)])


def _advice() -> list[dict]:
    warnings = [message for message in _messages() if message.level == checks.WARNING]
    found = [
        {"code": message.id, "says": message.msg.splitlines()[0].strip()}
        for message in warnings
        if settings.HTTPS or message.id not in ABOUT_TLS
    ]
    if not settings.HTTPS:
        found.append({"code": "tls", "says": "served without TLS: right only while nobody but this machine uses it"})
    if settings.KEYS.is_relative_to(settings.VAR):
        found.append({"code": "keys_beside", "says": "the key ring lies among the data: set TONGXING_KEYS elsewhere"})
    return found


def _pending_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _backwards in plan]


# ── queries that must be empty ───────────────────────────────────────────────────────────────────────────────────────


def _open_episodes():
    return CareEpisode.objects.standing().filter(child=OuterRef("pk"), to_on=None)


@rule("community", "a child's community is not the one of its newest time in care")
def _wrong_community():
    newest = CareEpisode.objects.standing().filter(child=OuterRef("pk"))
    newest = newest.order_by(F("to_on").desc(nulls_first=True), "-from_on", "-id").values("community_id")[:1]
    children = Child.objects.standing().annotate(newest=Subquery(newest))
    return children.filter(Q(newest=None) | ~Q(community_id=F("newest")))


@rule("in_care", "a child is marked as in care without an open time in care, or the other way round")
def _wrong_flag():
    children = Child.objects.standing().annotate(is_open=Exists(_open_episodes()))
    return children.filter(Q(in_care=True, is_open=False) | Q(in_care=False, is_open=True))


@rule("lookup_missing", "a child in care cannot be found: it has no look-up rows", rebuild_keys)
def _without_keys():
    keys = Lookup.objects.filter(child=OuterRef("pk"))
    return Child.objects.standing().filter(in_care=True).exclude(Exists(keys))


@rule("lookup_wrong", "a child's look-up rows name another number or another community", rebuild_keys)
def _wrong_keys():
    keys = Lookup.objects.filter(child=OuterRef("pk"))
    number = keys.filter(kind=KeyKind.NUMBER)
    no_number = ~Q(citizen_number_index=None) & ~Exists(number.filter(key=OuterRef("citizen_number_index")))
    other_number = Exists(number.exclude(key=OuterRef("citizen_number_index")))
    elsewhere = Exists(keys.exclude(community=OuterRef("community_id")))
    some = Child.objects.standing().filter(Exists(keys))
    return some.filter(no_number | other_number | elsewhere)


@rule("card", "the newest contact card kept for a child is not what its archive says", rebuild_card)
def _wrong_cards():
    wrong, ids = [], list(Child.objects.standing().order_by("pk").values_list("pk", flat=True))
    for chunk in (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)):
        wrong += wrongly_kept(chunk)
    return Child.objects.filter(pk__in=wrong)


@rule("last_act", "the last visit kept beside a child is not the last of its visits", rebuild_last)
def _wrong_last_act():
    seen = Visit.objects.standing().filter(child=OuterRef("pk"), saw_child=True).order_by()
    last = LastAct.objects.filter(child=OuterRef("pk"), kind=ActKind.VISIT)
    children = Child.objects.annotate(
        visited=Subquery(seen.values("child").annotate(on=Max("visited_on")).values("on")),
        kept=Subquery(last.values("on")[:1]),
    )
    one_is_missing = Q(visited=None, kept__isnull=False) | Q(visited__isnull=False, kept=None)
    return children.filter(one_is_missing | (Q(visited__isnull=False) & ~Q(visited=F("kept"))))


def _overlapping(model):
    """Rows of a child that hold on the same day as another of their kind. A row that ended as it began never holds."""
    holds = Q(to_on=None) | Q(to_on__gt=F("from_on"))
    others = model.objects.standing().filter(holds, child=OuterRef("child")).exclude(pk=OuterRef("pk"))
    others = others.filter(Q(to_on=None) | Q(to_on__gt=OuterRef("from_on")))
    before_my_end = others.filter(from_on__lt=OuterRef("to_on"))
    rows = model.objects.standing().filter(holds, child__withdrawn_at=None)
    return rows.filter(Q(to_on=None) & Exists(others) | Q(to_on__isnull=False) & Exists(before_my_end))


for _model, _words in (
    (CareEpisode, "times in care"),
    (Pairing, "pairings"),
    (Attention, "attention levels"),
    (Schooling, "schoolings"),
):
    rule(f"overlap_{_model._meta.model_name}", f"two {_words} of one child hold on the same day")(
        lambda model=_model: _overlapping(model)
    )


for _key in acts():

    @rule(f"merged_{_key.model._meta.model_name}", "written down with an archive that had become part of another")
    def _of_merged(key=_key):
        merges = Merge.objects.standing().filter(gone=OuterRef(key.name), pk__lt=OuterRef("pk"))
        return key.model.objects.standing().filter(Exists(merges))


@rule("helper_gone", "an open pairing names a helper whose own record is withdrawn or missing")
def _helper_gone():
    return Pairing.objects.standing().filter(to_on=None).filter(Q(helper=None) | Q(helper__withdrawn_at__isnull=False))


@rule("paired_outside", "a child that is in nobody's care still has an open pairing")
def _paired_outside():
    return Pairing.objects.standing().filter(to_on=None, child__in_care=False, child__withdrawn_at=None)


@rule("role_without_kin", "a role beside a child belongs to a person whose record is withdrawn or missing")
def _role_without_kin():
    roles = KinRole.objects.standing().filter(child__withdrawn_at=None)
    return roles.filter(Q(kin=None) | Q(kin__withdrawn_at__isnull=False))


def _references() -> list[dict]:
    """Foreign keys that lead nowhere; PostgreSQL does not let them be, SQLite may after a hand in the file."""
    try:
        connection.check_constraints()
    except IntegrityError as trouble:
        return [_problem("references", f"a row points at one that is not there: {trouble}", [str(trouble)])]
    return []


# ── files, jobs, keys ────────────────────────────────────────────────────────────────────────────────────────────────


def _files() -> Iterator[dict]:
    unreadable, late = [], []
    for attachment in Attachment.objects.filter(erased_at=None).order_by("pk").iterator(chunk_size=CHUNK):
        # The worker erases every ten seconds; an hour is a worker that does not run.
        if attachment.expires_at and attachment.expires_at < clock.now() - WAITED:
            late.append(str(attachment.pk))
        try:
            attachment.read()
        except (CannotOpen, NoKey, OSError):
            unreadable.append(str(attachment.pk))
    if unreadable:
        yield _problem("attachments", "an attachment is not on disk or cannot be opened", unreadable)
    if late:
        yield _problem("expired", "an attachment has expired and is not erased: does the worker run?", late)


def _jobs() -> Iterator[dict]:
    now = clock.now()
    silent = Q(state=JobState.RUNNING, beat_at__lt=now - max(WAITED, SILENT_AFTER))
    waiting = Q(state=JobState.QUEUED, queued_at__lt=now - WAITED, beat_at=None)
    if found := [str(pk) for pk in Job.objects.filter(silent | waiting).values_list("pk", flat=True)]:
        yield _problem("jobs", "a job has been silent or waiting for an hour: does the worker run?", found)


def _keys() -> Iterator[dict]:
    if closed := closed_values(sample=50):
        yield _problem("sealed", "sealed values do not open with this key ring (of the newest of each field)", closed)


# ── repair ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _repair() -> dict[str, int]:
    """Rebuild what the rules with a way to do so have found: code → how many children."""
    repaired = {}
    for one in RULES:
        if one.rebuild is None:
            continue
        ids = list(one.rows().values_list("pk", flat=True))
        for chunk in (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)):
            rebuild(by=SYSTEM, rule=one, children=list(Child.objects.filter(pk__in=chunk)))
        if ids:
            repaired[one.code] = len(ids)
    return repaired


@action("check.rebuild")
def rebuild(*, by, rule: Rule, children: list[Child]) -> int:
    """Put right what can be told from other rows, and leave in the trace that it was."""
    for child in children:
        rule.rebuild(child)
        current_deed().changes[child.subject()].append((f"child:{child.pk}", rule.code, None, "rebuilt", False, False))
    return len(children)
