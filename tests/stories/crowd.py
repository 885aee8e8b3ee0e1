"""A county's worth of other children around the cast: invented, archived through the bulk door with their trace."""

from datetime import date
from itertools import islice

from django.db import transaction

from bench.generate import community_at, households, rows
from tongxing.base.bulk import Batch, Draft
from tongxing.base.ids import new_id
from tongxing.base.records import SYSTEM
from tongxing.care.models import LastAct
from tongxing.children.actions import ArchiveContext, compose
from tongxing.children.models import Attention, Child
from tongxing.staff import actions
from tongxing.staff.models import Region

SEED, CHUNK = 7, 400  # households in a transaction
FACTS = ("name", "hamlet", "address", "father_name", "father_phone", "father_place", "mother_name", "mother_phone",
         "mother_place", "carer_name", "carer_phone")  # fmt: skip
LEVELS = {"high": "high", "medium": "middle", "low": "low"}


def settle(count: int, on: date) -> int:
    """So many children in communities of their own in the county of the cast and the ones beside it; how many came."""
    paths: dict[str, str] = {}
    for place in range(count // 103 + 1):
        code, township, community = community_at(place)
        for path, name in ((code[:6], "县"), (code[:9], township), (code, community)):
            paths.setdefault(path, name)
    known = set(Region.objects.values_list("path", flat=True))
    actions.load_regions(by=SYSTEM, rows=[(path, paths[path]) for path in sorted(set(paths) - known)], year=2023)
    regions, came = {region.path: region for region in Region.objects.all()}, 0
    told_of = households(SEED, count)
    while homes := list(islice(told_of, CHUNK)):
        batch = Batch(action="rosters.import_row", by=SYSTEM)
        for home in homes:
            for told, child in zip(rows([home]), home.children, strict=True):
                facts = {name: told[name] for name in FACTS}
                facts |= {"citizen_number": child.number, "sex": "12"[child.sex == "F"], "carer_relation": "62"}
                drafts = compose(facts, ArchiveContext(regions[home.community], on, "roster", SYSTEM))
                archived = next(draft for draft in drafts if draft.model is Child)
                for draft in drafts:
                    batch.add(draft, about=archived.subject)
                key, came = archived.values["id"], came + 1
                level = {"level": LEVELS[child.attention], "from_on": on, "review_on": on, "reason": "来时的样子"}
                batch.add(Draft(Attention, {"id": str(new_id()), "child_id": key, **level}, archived.subject))
                batch.add(LastAct(child_id=key, kind="visit", on=on))
        batch.prepare()
        with transaction.atomic():
            batch.write()
    return came
