"""The reference site's work outside requests, each in a process of its own; prints one JSON line.

python -m bench.reference.work prepare                      tables and the sign-in bench / bench
python -m bench.reference.work load --children N --seed S   children, kin and a year of visits, straight in
python -m bench.reference.work import FILE --way checked    an xlsx through django-import-export, preview and confirm
"""

import argparse
import json
import os
import resource
import time
from itertools import islice, pairwise
from pathlib import Path

import django


def prepare() -> dict:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    if not get_user_model().objects.filter(username="bench").exists():
        get_user_model().objects.create_superuser("bench", "", "bench")
    return {}


def load(children: int, seed: int) -> dict:
    """Fills the tables by bulk_create in chunks of 2,000 homes; returns the counts."""
    from django.db import connection, transaction

    from bench.generate import households, rows, year_of_acts
    from bench.reference.models import Child, Kin, Visit
    from bench.reference.resources import OWN

    homes, counts = households(seed, children), {"children": 0, "visits": 0}
    start = time.perf_counter()
    while chunk := list(islice(homes, 2000)):
        told = [(home, child) for home in chunk for child in home.children]
        with transaction.atomic():
            made = Child.objects.bulk_create(
                Child(community=home.community, **{key: row[key] for key in OWN})
                for (home, _), row in zip(told, rows(chunk), strict=True)
            )
            Kin.objects.bulk_create(
                Kin(
                    child=child,
                    role=kin.role,
                    relation=kin.relation,
                    name=kin.name,
                    phone=kin.phone,
                    place=kin.province + kin.city,
                )
                for child, (home, _) in zip(made, told, strict=True)
                for kin in home.kin
            )
            visits = [
                Visit(child=child, on=act.on, by=act.by, met=act.met, note=act.note)
                for child, (_, one) in zip(made, told, strict=True)
                for act in year_of_acts(one, seed)
                if act.kind == "visit"
            ]
            Visit.objects.bulk_create(visits, batch_size=5000)
        counts["children"] += len(made)
        counts["visits"] += len(visits)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return counts | {"seconds": time.perf_counter() - start}


def bring(path: Path, way: str) -> dict:
    """Reads, previews, reads again and confirms, as the admin's two pages do; times each; counts what went wrong."""
    import tablib

    from bench.reference.resources import WAYS

    made, clock, raw = WAYS[way](), time.perf_counter, path.read_bytes()
    marks = [clock()]
    rows = tablib.Dataset().load(raw, format="xlsx")
    marks.append(clock())
    preview = made.import_data(rows, dry_run=True, raise_errors=False, collect_failed_rows=False)
    marks.append(clock())
    rows = tablib.Dataset().load(raw, format="xlsx")
    marks.append(clock())
    result = made.import_data(rows, dry_run=False, raise_errors=False)
    marks.append(clock())
    read, previewed, again, confirmed = (b - a for a, b in pairwise(marks))
    return {
        "rows": len(rows),
        "seconds": marks[-1] - marks[0],
        "read": read + again,
        "preview": previewed,
        "confirm": confirmed,
        "errors": len(result.row_errors()),
        "invalid": len(result.invalid_rows),
        "previewed_invalid": len(preview.invalid_rows),
        "totals": dict(result.totals),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("prepare")
    loading = verbs.add_parser("load")
    loading.add_argument("--children", type=int, required=True)
    loading.add_argument("--seed", type=int, default=1)
    bringing = verbs.add_parser("import")
    bringing.add_argument("file", type=Path)
    bringing.add_argument("--way", choices=["checked", "family", "unchecked"], default="checked")
    args = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.reference.settings")
    django.setup()
    begun = time.process_time()
    if args.verb == "prepare":
        told = prepare()
    elif args.verb == "load":
        told = load(args.children, args.seed)
    else:
        told = bring(args.file, args.way)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told["cpu"] = used.ru_utime + used.ru_stime - begun
    told["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
