"""Division codes come in from the data package, a spreadsheet or a short list; doing it again changes nothing."""

import json

import pytest
import xlsxwriter

from tongxing import cli
from tongxing.base import seal
from tongxing.base.records import Event
from tongxing.staff import regions
from tongxing.staff.models import Region

PLACES = [
    ("99", "云岭省"),
    ("9901", "云岭市"),
    ("990101", "梅源县"),
    ("990101100", "青禾镇"),
    ("990101100001", "春和社区"),
]


def names() -> dict[str, str]:
    return dict(Region.objects.values_list("path", "name"))


@pytest.fixture
def package(tmp_path):
    """A data package of two provinces, one of them with a city that has no counties."""
    rows = {
        "provinces": [("98", "海州省"), ("99", "云岭省")],
        "cities": [("9801", "东湾市"), ("9901", "云岭市")],
        "areas": [("980100", "东湾市"), ("990101", "梅源县")],
        "streets": [("980100001", "港前街道"), ("990101100", "青禾镇")],
        "villages": [("980100001001", "港前社区"), ("990101100001", "春和社区"), ("990101100002", "岭下社区")],
    }
    for level, found in rows.items():
        lines = ["code,name,provinceCode", *[f'{code},"{name}",{code[:2]}' for code, name in found]]
        (tmp_path / f"{level}.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_the_package_comes_in_down_to_the_townships(package, db):
    counts = regions.load(package=package, year=2023)
    assert counts == {"new": 7, "renamed": 0, "unchanged": 0, "refused": 0}
    assert names()["9801"] == "东湾市"
    assert "990101100001" not in names()
    assert regions.load(package=package, year=2023)["unchanged"] == 7


def test_under_a_place_its_villages_come_in_and_the_places_above(package, db):
    counts = regions.load(package=package, year=2023, under="990101000000")
    assert counts["new"] == 6
    assert set(names()) == {"99", "9901", "990101", "990101100", "990101100001", "990101100002"}


def test_every_place_has_its_event_and_the_trace_stands(package, db):
    regions.load(package=package, year=2023)
    assert Event.objects.filter(action="staff.load_regions").count() == Region.objects.count()
    assert seal.verify().ok


def test_a_spreadsheet_comes_in_whatever_stands_around_code_and_name(tmp_path, db):
    file = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["梅源县行政区划"])
        page.write_row(1, 0, ["序号", "名称", "代码", "备注"])
        for at, (code, name) in enumerate(PLACES):
            page.write_row(2 + at, 0, [at + 1, name, code, ""])
        page.write_row(9, 0, [9, "没有代码", "12x", ""])
    assert regions.load(file=file, year=2026) == {"new": 5, "renamed": 0, "unchanged": 0, "refused": 1}
    assert names()["990101100001"] == "春和社区"


@pytest.mark.parametrize("separator", ["\t", ","])
def test_a_short_list_of_invented_places_comes_in_as_text(separator, tmp_path, db):
    file = tmp_path / "places.tsv"
    lines = [
        "# 都是编的",
        f"code{separator}name",
        *[f"{code.ljust(12, '0')}{separator}{name}" for code, name in PLACES],
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert regions.load(file=file, year=2026)["new"] == 5
    assert names() == dict(PLACES)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.tsv", b""), ("words.csv", "没有,代码".encode()), ("broken.xlsx", b"PK"), ("x.tsv", b"\xff\xfe\x00")],
)
def test_a_file_without_places_is_refused_in_one_sentence(name, content, tmp_path, db):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(regions.CannotLoad):
        regions.load(file=file, year=2026)
    assert not Region.objects.exists()


def test_what_is_not_there_is_said(tmp_path, db):
    for wanted in ({"file": tmp_path / "no.tsv"}, {"package": tmp_path}, {"package": tmp_path, "under": "99x"}):
        with pytest.raises(regions.CannotLoad):
            regions.load(year=2023, **wanted)


def test_the_command_loads_and_says_how_many(package, capsys, db):
    assert cli.main(["regions", "load", "--package", str(package), "--year", "2023", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 7
    assert cli.main(["regions", "load", "--package", str(package), "--year", "2023", "--under", "97"]) == 1
    assert "no region" in capsys.readouterr().err
