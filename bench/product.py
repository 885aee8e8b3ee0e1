"""The product's work outside requests, each in a process of its own; prints one JSON line.

python -m bench.product prepare [--children N]           tables, places for so many, sign-ins
python -m bench.product load --children N --seed S       archives, kin and a year of visits through the bulk door
                             [--share 0/2]               the first of two processes that load at once
python -m bench.product import FILE                      an xlsx through the product's own reading and import
python -m bench.product again FILE SECOND                one archive changed between, the second coming timed
"""

import argparse
import json
import os
import resource
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path

import django

PASSWORD = "bench-bench-bench"
FIELDS = ("name", "hamlet", "address", "father_name", "father_phone", "father_place", "mother_name", "mother_phone")
MORE = ("mother_place", "carer_name", "carer_phone")
TOWNSHIPS, CLIENTS = 12, 8  # where the clients of a storm write at most, each in one; how many sign in
PLACES = 400  # communities there are at least: the imports bring children of places not loaded before


def prepare(children: int = 0) -> dict:
    from datetime import date

    from django.core.management import call_command

    from bench.generate import COMMUNITIES, COMMUNITY, community_at, school_names
    from tongxing.base.records import SYSTEM
    from tongxing.staff import actions
    from tongxing.staff.models import Region, Staff

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    paths = {}
    for place in range(max(PLACES, children // COMMUNITY + 1)):
        code, township, community = community_at(place)
        for path, name in (
            (code[:2], "p"),
            (code[:4], "c"),
            (code[:6], "county"),
            (code[:9], township),
            (code, community),
        ):
            paths.setdefault(path, name)
    actions.load_regions(by=SYSTEM, rows=sorted(paths.items()), year=2023)
    since = date(2026, 1, 5)

    def person(login, role, path, kind):
        region = Region.objects.get(path=path)
        office = actions.open_organisation(by=SYSTEM, name=f"office {login} {path}", kind=kind, region=region)
        known = Staff.objects.filter(login=login).first()
        wanted = {"staff": known} if known else {"login": login, "name": login, "password": PASSWORD + "-first"}
        post = actions.appoint(by=SYSTEM, role=role, organisation=office, from_on=since, **wanted)
        if not known:
            actions.set_password(by=post.staff, staff=post.staff, password=PASSWORD, own=True)

    townships = sorted({path for path in paths if len(path) == 9})
    lived_in = townships[: max(1, min(TOWNSHIPS, children // (COMMUNITIES * COMMUNITY)))]
    home = Region.objects.get(path=townships[0])  # where P1 imports: its schools are those the roster names
    for name in school_names():
        actions.open_organisation(by=SYSTEM, name=name, kind="school", region=home)
    for number in range(CLIENTS):  # each client of a storm signs in as somebody of its own
        person(f"supervisor{number}", "supervisor", lived_in[number % len(lived_in)], "township")
    person("onetown", "supervisor", townships[0], "township")
    person("director", "director", community_at(0)[0], "community")
    person("county", "county", community_at(0)[0][:6], "county")
    return {"places": len(paths)}


def load(children: int, seed: int, share: str) -> dict:
    from datetime import date

    from django.db import transaction

    from bench.generate import households, rows, year_of_acts
    from tongxing.base.bulk import Batch, records_of
    from tongxing.base.ids import new_id
    from tongxing.base.records import SYSTEM
    from tongxing.children.actions import ArchiveContext, compose
    from tongxing.children.models import Attention, Child, Pairing
    from tongxing.staff.models import Post, Region, Staff

    begun, ids, visits, loaded, pages = time.perf_counter(), defaultdict(list), 0, 0, {}
    regions = {region.path: region for region in Region.objects.all()}
    staff = Staff.objects.get(login="supervisor0")
    director = Staff.objects.get(login="director")
    on = date(2026, 1, 5)
    homes, (mine, of) = households(seed, children), map(int, share.split("/"))
    chunks = iter(lambda: list(islice(homes, 100)), [])
    for chunk in islice(chunks, mine, None, of):
        batch, neighbours = Batch(action="rosters.import_row", by=SYSTEM), {}
        for home in chunk:
            for told, child in zip(rows([home]), home.children, strict=True):
                facts = {name: told[name] for name in (*FIELDS, *MORE)}
                facts |= {
                    "citizen_number": child.number,
                    "sex": "1" if child.sex == "M" else "2",
                    "carer_relation": "62",
                }
                context = ArchiveContext(regions[home.community], on, "roster", SYSTEM, neighbours=neighbours)
                made = compose(facts, context)
                (archived,) = records_of(draft for draft in made if draft.model is Child)
                for draft in made:
                    batch.add(draft, about=archived.subject())
                loaded += 1
                ids[home.community[:9]].append(str(archived.pk))
                level = {"high": "high", "medium": "middle", "low": "low"}[child.attention]
                batch.add(Attention(id=new_id(), child=archived, level=level, from_on=on, review_on=on, reason="bench"))
                helper = director if home.community == "990101100201" else staff
                if child.index % 15:
                    batch.add(Pairing(id=new_id(), child=archived, helper=helper, from_on=on))
                first = on
                if level == "high" and len(pages) < 2:  # P6: two of the first community, a year and a month of acts
                    if pages:
                        first = date(2026, 10, 24)
                    pages["month" if pages else "year"] = str(archived.pk)
                visits += _visits(batch, archived, year_of_acts(child, seed), first, helper)
        with transaction.atomic():
            batch.write()
    posts = Post.objects.filter(staff__login__startswith="supervisor").values_list("staff__login", "region")
    told = {"children": loaded, "visits": visits, "seconds": time.perf_counter() - begun}
    return told | {"ids": {login: ids[region] for login, region in posts}, "pages": pages}


def _visits(batch, child, acts, first, helper) -> int:
    """Writes down the visits among a year's acts from `first` on; how many there were."""
    from tongxing.base import clock
    from tongxing.base.ids import new_id
    from tongxing.care.models import LastAct, Visit

    made = [act for act in acts if act.kind == "visit" and act.on >= first]
    for act in made:
        facts = {"visited_on": act.on, "saw_child": act.met, "saw_carer": True, "living": "normal", "words": act.note}
        facts |= {"tell_home": "no", "written_at": clock.now()}
        batch.add(Visit(id=new_id(), child=child, outing_id=new_id(), visitor=helper, **facts))
    if met := [act.on for act in made if act.met]:
        batch.add(LastAct(child=child, kind="visit", on=max(met)))
    return len(made)


def bring(path: Path) -> dict:
    """Read, check, import; the clock runs from the file to the traced archives."""
    from tongxing.rosters import api
    from tongxing.staff.models import Region, Staff

    community = Region.objects.get(path="990101100201")
    director = Staff.objects.get(login="director")
    begun, worked = time.perf_counter(), _worked()
    counts = api.import_file(path, community=community, by=director)["counts"]
    seconds, worked = time.perf_counter() - begun, _worked() - worked
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    return {"rows": counts["rows"], "seconds": seconds, "cpu": worked, "peak_mb": peak, "counts": counts}


def _worked() -> float:
    """Seconds of processor this process and its children have used: what other work on the machine spoils least."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def again(path: Path, second: Path) -> dict:
    """The list once, untimed; one archive changed; then the same list as another program saved it."""
    from tongxing.base import clock
    from tongxing.children.actions import correct
    from tongxing.children.models import Child
    from tongxing.staff.models import Staff

    bring(path)
    child = Child.objects.order_by("id")[1000 if Child.objects.count() > 1000 else 0]
    director = Staff.objects.get(login="director")
    address = {"hamlet": child.hamlet, "address": "moved since"}
    correct(by=director, child=child, section="home", facts=address, on=clock.today())
    return bring(second)


def main() -> None:
    top = argparse.ArgumentParser()
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("prepare").add_argument("--children", type=int, default=0)
    loading = verbs.add_parser("load")
    loading.add_argument("--children", type=int, required=True)
    loading.add_argument("--seed", type=int, required=True)
    loading.add_argument("--share", default="0/1")
    verbs.add_parser("import").add_argument("path", type=Path)
    twice = verbs.add_parser("again")
    twice.add_argument("path", type=Path)
    twice.add_argument("second", type=Path)
    wanted = top.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    django.setup()
    if wanted.verb == "prepare":
        told = prepare(wanted.children)
    elif wanted.verb == "load":
        told = load(wanted.children, wanted.seed, wanted.share)
    elif wanted.verb == "again":
        told = again(wanted.path, wanted.second)
    else:
        told = bring(wanted.path)
    print(json.dumps(told, default=str))


if __name__ == "__main__":
    main()
