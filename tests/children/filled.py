"""A form as a browser sends it: opened first, so that its hidden fields (key, version) go along."""

import re

from tongxing.base import clock
from tongxing.children import actions
from tongxing.children.models import Child

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def hidden_in(text: str) -> dict[str, str]:
    return {name: value for name, value in HIDDEN.findall(text) if name != "csrfmiddlewaretoken"}


def fill(client, address: str, /, **facts) -> dict:
    """The fields of the page at this address, filled."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return hidden_in(answer.content.decode()) | facts


def send(client, address: str, /, **facts):
    return client.post(address, fill(client, address, **facts))


CARD = {
    "home": {"hamlet": "三组", "address": "春和社区三组12号", "home_phone": ""},
    "parents": {
        "father_name": "陈志明",
        "father_situation": "",
        "father_phone": "14000010002",
        "father_place": "东莞",
        "father_work": "employed",
        "father_employer": "东莞厚街鞋厂",
        "father_employer_phone": "0769-88880000",
        "mother_name": "王小燕",
        "mother_situation": "",
        "mother_phone": "14000010012",
        "mother_place": "宁波",
        "mother_work": "odd_jobs",
    },
    "carer": {
        "carer_name": "罗秀兰",
        "carer_relation": "62",
        "carer_phone": "14000010001",
        "carer_health": "高血压",
        "carer_occupation": "务农",
        "carer_born": 1958,
    },
}


def fill_card(child, *, by, on=None, but=(), **other):
    """Give a child's archive all that its contact card needs, except the fields named in `but`."""
    for section, facts in CARD.items():
        said = {name: "" if name in but else other.get(name, value) for name, value in facts.items()}
        fresh = Child.objects.get(pk=child.pk)
        actions.correct(by=by, child=fresh, section=section, facts=said, on=on or clock.today())
    return Child.objects.get(pk=child.pk)
