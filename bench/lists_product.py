"""P3 end to end: the lists and archives of `bench.lists` in the product's own tables, and its reconciliation of them.

python -m bench.lists_product places --size N --seed S       the places of that world
python -m bench.lists_product archives --size N --seed S     archives with their kin
python -m bench.lists_product lists --size N --seed S        one read list for each community; may run beside
python -m bench.lists_product reconcile FILE             the clock: from the database, opened, linked, heaps written;
                                                         then into FILE what `tongxing roster reconcile --json` prints
python -m bench.lists_product check FILE --size N --seed S   that beside the truth
"""

import argparse
import json
import os
import resource
import time
from datetime import date
from itertools import islice
from pathlib import Path

import django


def load(what: str, size: int, seed: int) -> dict:
    from django.db import transaction

    from bench.lists import world
    from tongxing.staff.models import Region

    told = world(seed, size)
    if what == "places":
        return {"places": _places({one.place for side in (told.rows, told.archives) for one in side})}
    regions = {region.path: region for region in Region.objects.all()}
    fill, people = (_archives, told.archives) if what == "archives" else (_lists, told.rows)
    with transaction.atomic():
        fill(people, regions)
    return {what: len(people)}


def _places(paths: set[str]) -> int:
    from tongxing.base.records import SYSTEM
    from tongxing.staff import actions
    from tongxing.staff.models import Region

    wanted = {path[:digits] for path in paths for digits in (2, 4, 6, 9, 12)}
    wanted -= set(Region.objects.values_list("path", flat=True))
    actions.load_regions(by=SYSTEM, rows=[(path, path) for path in sorted(wanted)], year=2023)
    return len(wanted)


def _archives(people, regions) -> None:
    from tongxing.base.bulk import insert
    from tongxing.base.ids import new_id
    from tongxing.base.words import read_name
    from tongxing.children.models import CareEpisode, Child, Kin, KinRole

    on, lines = date(2026, 1, 5), iter(people)
    while chunk := list(islice(lines, 2000)):
        made: dict[type, list] = {Child: [], CareEpisode: [], Kin: [], KinRole: []}
        for one in chunk:
            child = Child(
                id=new_id(), name=one.name, name_sort=read_name(one.name).sort_key[:120],
                sex={"M": "1", "F": "2"}[one.sex], birth_on=date.fromisoformat(one.birth_on),
                citizen_number=one.number or None, number_missing="" if one.number else "not_brought",
                community=regions[one.place], hamlet=one.hamlet, opened_on=on,
            )  # fmt: skip
            made[Child].append(child)
            made[CareEpisode].append(CareEpisode(id=new_id(), child=child, community=child.community, from_on=on))
            for relation, part, name, phone in zip(
                ("51", "52", "62"), ("parent", "parent", "carer"), one.grown_ups, one.phones, strict=True
            ):
                kin = Kin(id=new_id(), name=name, phone=phone, community=one.place)
                made[Kin].append(kin)
                made[KinRole].append(KinRole(id=new_id(), child=child, kin=kin, relation=relation, part=part))
        for model, rows in made.items():
            insert(model, rows)


def _lists(people, regions) -> None:
    from tongxing.base.attachments import keep
    from tongxing.base.bulk import insert
    from tongxing.base.ids import new_id
    from tongxing.base.records import SYSTEM, action
    from tongxing.children.rules import facts_out
    from tongxing.rosters.actions.reading import fill
    from tongxing.rosters.models import Roster, RosterRow
    from tongxing.staff.models import Staff

    sender, on = Staff.objects.get(login="director"), date(2026, 11, 20)

    @action("rosters.receive")
    def receive(*, by, path: str) -> Roster:
        file = keep(b"-", name=f"{path}.xlsx", kind="roster", region=path, days=30)
        roster = Roster(
            id=new_id(), attachment=file, kind="household_list", community=regions[path], sent_by_id=sender.pk,
            received_on=on, state="ready",
        )  # fmt: skip
        roster.save()
        return roster

    by_place: dict[str, list] = {}
    for one in people:
        by_place.setdefault(one.place, []).append(one)
    for path, held in sorted(by_place.items()):
        roster, rows = receive(by=SYSTEM, path=path), []
        for number, one in enumerate(held, start=2):
            facts = {
                "name": one.name, "birth_on": date.fromisoformat(one.birth_on), "citizen_number": one.number,
                "sex": {"M": "1", "F": "2"}[one.sex], "hamlet": one.hamlet, "class_name": one.class_name,
                "carer_name": (one.grown_ups or [""])[0], "carer_phone": (one.phones or [""])[0],
            }  # fmt: skip
            row = RosterRow(id=new_id(), roster=roster, number=number, state="ready")
            fill(row, facts_out(facts), "{}")
            rows.append(row)
        insert(RosterRow, rows)


def reconcile(path: Path) -> dict:
    from tongxing.base.records import SYSTEM
    from tongxing.rosters import actions, api, reviewing
    from tongxing.rosters.findings import Reconciliation

    begun, busy = time.perf_counter(), _processor()
    run = actions.start_reconciliation(by=SYSTEM, region="", on=date(2026, 11, 24))
    api.end(run.job_id)
    told = {"seconds": time.perf_counter() - begun, "cpu": _processor() - busy}
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    path.write_text(json.dumps({"heaps": reviewing.heaps_in("")}, ensure_ascii=False), encoding="utf-8")
    return told | {"peak_mb": peak // 1024, "counts": Reconciliation.objects.get(pk=run.pk).counts}


def check(path: Path, size: int, seed: int) -> dict:
    """Precision and recall of the heaps in a file of the command's answer, as `bench.linkage` counts them.

    Archives and lists were written in the order in which the world tells of them, so their keys rise with it.
    """
    from bench.linkage import counted
    from bench.lists import world
    from tongxing.children.models import Child
    from tongxing.rosters.models import Roster

    told = world(seed, size)
    truth = told.truth()
    at = {str(pk): place for place, pk in enumerate(Child.objects.order_by("id").values_list("pk", flat=True))}
    rows = {}
    rosters = dict(Roster.objects.values_list("community_id", "pk"))
    met: dict[str, int] = {}
    for place, one in enumerate(told.rows):
        met[one.place] = met.get(one.place, 1) + 1
        rows[str(rosters[one.place]), met[one.place]] = place
    found, asked = [-1] * len(truth), [True] * len(truth)
    heaps = json.loads(path.read_text())["heaps"]
    for heap in ("archived", "probable", "none"):
        for line in heaps[heap]:
            place = rows[line["roster"], line["row"]]
            asked[place] = heap == "probable"
            found[place] = at[line["child"]] if line.get("child") else -1
    return counted(found, truth, asked) | {heap: len(lines) for heap, lines in heaps.items()}


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["places", "archives", "lists", "reconcile", "check"])
    parser.add_argument("path", type=Path, nargs="?", help="what the command prints")
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=11)
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    django.setup()
    if wanted.verb == "reconcile":
        told = reconcile(wanted.path)
    elif wanted.verb == "check":
        told = check(wanted.path, wanted.size, wanted.seed)
    else:
        told = load(wanted.verb, wanted.size, wanted.seed)
    print(json.dumps(told, default=str))


if __name__ == "__main__":
    main()
