"""The sealer: numbers unsealed rows without gaps and chains them, and verifies the chain.

Runs in the worker at least every two seconds and before every verification and backup. Between writing and sealing a
row is authenticated by its own HMAC but could be removed unnoticed: this small window is documented, not hidden. Heads
are appended to an anchor file apart from the database, so that cutting off the newest rows is found as well.
"""

import json
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from tongxing.base import clock
from tongxing.base.keys import NoKey, mac_of
from tongxing.base.records import Chained, Event, Look
from tongxing.base.sealed import CannotOpen

BATCH = 1000
CHAINS: dict[str, type[Chained]] = {"events": Event, "looks": Look}
# What a changed byte may lead to, besides a wrong HMAC: a key, day, id or JSON that is none.
UNREADABLE = (CannotOpen, NoKey, ValueError, KeyError, TypeError, AttributeError)
LOCK = 7203317  # any constant: one sealer at a time on PostgreSQL; SQLite has one writer anyway


def _link(before: str, number: int, row_id, mac: str, key_id: str) -> str:
    return mac_of(settings.RING.key("trace", key_id)).hex(f"{before}|{number}|{row_id}|{mac}")


def seal_batch(model: type[Chained]) -> int:
    """Number and chain up to BATCH unsealed rows; returns how many."""
    if not model.objects.filter(number=None).exists():
        return 0  # asked first: opening a write transaction for nothing would make writers wait
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = model.objects.exclude(number=None).order_by("-number").values_list("number", "chain").first()
        number, chain = last or (0, "")
        rows = model.objects.filter(number=None).order_by("at", "id").values_list("id", "mac", "trace_key")[:BATCH]
        sealed = []
        for row_id, mac, key_id in rows:
            number += 1
            chain = _link(chain, number, row_id, mac, key_id)
            sealed.append((number, chain, row_id))
        if sealed:
            id_field = model._meta.pk
            with connection.cursor() as cursor:
                cursor.executemany(
                    f'UPDATE "{model._meta.db_table}" SET number = %s, chain = %s WHERE id = %s',  # noqa: S608 own names
                    [(n, c, id_field.get_db_prep_value(i, connection)) for n, c, i in sealed],
                )
        return len(sealed)


def seal_chain(model: type[Chained]) -> int:
    """Seal one chain until nothing is left; returns how many rows."""
    total = 0
    while count := seal_batch(model):
        total += count
        if count < BATCH:
            break
    return total


def seal_all() -> int:
    """Seal until nothing is left; returns how many rows."""
    return sum(seal_chain(model) for model in CHAINS.values())


def heads() -> dict:
    """{chain name: [number, chain value]}: the anchor that reports and backups carry."""
    found = {}
    for name, model in CHAINS.items():
        last = model.objects.exclude(number=None).order_by("-number").values_list("number", "chain").first()
        found[name] = list(last or (0, ""))
    return found


def anchor() -> dict:
    """Seal, then append the heads to the anchor file apart from the database; returns them."""
    seal_all()
    now = {"at": clock.now().isoformat(), **heads()}
    settings.ANCHORS.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with settings.ANCHORS.open("a") as file:
        file.write(json.dumps(now) + "\n")
    return now


def last_anchor() -> dict | None:
    try:
        lines = settings.ANCHORS.read_text().splitlines()
    except FileNotFoundError:
        return None
    return json.loads(lines[-1]) if lines else None


@dataclass
class Verdict:
    """What `audit verify` found: how many rows stand, and the first thing that does not."""

    events: int = 0
    looks: int = 0
    ok: bool = True
    first_broken: dict | None = None

    def fail(self, chain: str, number, what: str):
        if self.ok:
            self.ok, self.first_broken = False, {"chain": chain, "number": number, "what": what}


def verify(against: dict | None = None) -> Verdict:
    """Seal, then check every row's HMAC, every held value against its commitment, the chain, and the anchor."""
    verdict = Verdict()
    unsealed = {}
    for name, model in CHAINS.items():
        try:
            seal_chain(model)
        except UNREADABLE as wrong:
            unsealed[name] = f"a row cannot be sealed: {wrong}"
    against = against or last_anchor() or {}
    for name, model in CHAINS.items():
        anchored_number, anchored_chain = against.get(name, (0, ""))
        expected, chain = 0, ""
        for number, row in _rows(model):
            expected += 1
            if row is None:
                verdict.fail(name, number, "the row cannot be read")
                continue
            chain = _check(verdict, name, row, expected, chain)
            if expected == anchored_number and row.chain != anchored_chain:
                verdict.fail(name, row.number, "not the row the anchor names")
        if name in unsealed:
            verdict.fail(name, None, unsealed[name])
        if expected < anchored_number:
            verdict.fail(name, expected, f"{anchored_number - expected} rows are missing after this one")
        setattr(verdict, name, expected)
    return verdict


def _rows(model: type[Chained]):
    """(number, row) of every sealed row in order; the row is None where a changed byte left nothing to be read."""
    found, after = model.objects.exclude(number=None).order_by("number"), None
    while True:
        part = (found if after is None else found.filter(number__gt=after))[:BATCH]
        try:
            rows = [(row.number, row) for row in part]
        except UNREADABLE:
            rows = [(number, _row(model, number)) for number in part.values_list("number", flat=True)]
        if not rows:
            return
        yield from rows
        after = rows[-1][0]


def _row(model: type[Chained], number) -> Chained | None:
    try:
        return model.objects.get(number=number)
    except UNREADABLE:
        return None


def _check(verdict: Verdict, name: str, row: Chained, expected: int, chain: str) -> str:
    if row.number != expected:
        verdict.fail(name, expected, "a number is missing")
    try:
        if row.authenticate() != row.mac:
            verdict.fail(name, row.number, "the row was changed")
        link = _link(chain, expected, row.id, row.mac, row.trace_key)
    except UNREADABLE as wrong:
        verdict.fail(name, row.number, f"the row was changed: {wrong}")
        return row.chain
    if isinstance(row, Event):
        try:
            broken = row.broken_commitments()
        except UNREADABLE:
            broken = ["a sealed value"]
        if broken:
            verdict.fail(name, row.number, f"a value was changed: {broken[0]}")
    if row.chain != link:
        verdict.fail(name, row.number, "the chain is broken here")
    return link
