"""Files nobody should send: refused or handled, each with one clear sentence, and memory bounded."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import PROJECT
from tongxing import cli
from tongxing.base.excel import REFUSALS

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024
MOST_MEMORY = 600  # megabytes, of the reading process
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6300010000000500010d0a2db4"
)
ENTITIES = (
    '<!DOCTYPE worksheet [<!ENTITY secret SYSTEM "file:///etc/hostname"><!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
)


def book(rows) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    page = made.create_sheet("名单")
    for row in rows:
        page.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def with_entities() -> bytes:
    old = zipfile.ZipFile(io.BytesIO(book([["姓名", "班级", "出生日期"], ["陈思远", "六(1)班", "2015-3-5"]])))
    members = {name: old.read(name) for name in old.namelist()}
    sheet = next(name for name in members if name.endswith("sheet1.xml"))
    text = members[sheet].decode()
    members[sheet] = (ENTITIES + text.replace("陈思远", "&secret;&b;")).encode()
    return zipped(members)


def bomb() -> bytes:
    members = {"xl/workbook.xml": b"<x/>"}
    file = io.BytesIO(zipped(members))
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as entry,
    ):
        for _at in range(400):
            entry.write(bytes(MEGABYTE))
    return file.getvalue()


def huge(path: Path, size: int, begin: bytes = b"PK\x03\x04") -> None:
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(size)


BAD = {
    "nothing": (b"", "empty_file"),
    "text": ("这是一份说明，不是表格。\n请各位老师看一下。\n".encode(), "not_a_spreadsheet"),
    "prose-with-commas": (b"Dear teacher, please see below.\nBest regards,\nSun\n", "no_heading"),
    "picture": (PICTURE * 20, "not_a_spreadsheet"),
    "photograph": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40, "not_a_spreadsheet"),
    "page": (b"<html><body><table><tr><td>x</td></tr></table></body></html>", "not_a_spreadsheet"),
    "pdf": (b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n", "not_a_spreadsheet"),
    "letter": (zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "not_a_spreadsheet"),
    "binary-book": (zipped({"xl/workbook.bin": b"x"}), "not_a_spreadsheet"),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(900),
        "protected",
    ),
    "bomb": (bomb(), "too_big"),
    "columns": (book([["姓名", "班级", *(f"第{at}项" for at in range(5000))], ["陈思远"]]), "too_many_columns"),
    "columns-of-text": (("姓名,班级" + ",x" * 5000 + "\n").encode(), "too_many_columns"),
    "title": (book([["春和社区留守儿童花名册"]]), "no_heading"),
    "heading-alone": (book([["姓名", "班级"]]), "no_rows"),
    "blank": (book([[None, " "], []]), "empty"),
    "blank-text": (b" , ,\n,,\n", "empty"),
    "one-long-line": (b"name,class," + b"x" * (19 * MEGABYTE), "broken"),
    "never-closed": (b'name,class\n"x",1\n"y,2\nz,3\n"q,4\n', "broken"),
    "torn": (book([["姓名", "班级"], ["陈思远", "六(1)班"]])[:1500], "broken"),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD)
def test_it_is_refused_with_one_sentence(content, code, tmp_path, capsys):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(content)
    assert cli.main(["roster", "read", str(path), "--json"]) == 1
    said = capsys.readouterr().err
    assert str(REFUSALS[code]) in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("size", "begin"), [(200 * MEGABYTE, b"PK\x03\x04"), (50 * MEGABYTE, b"name,class")])
def test_a_file_too_large_is_not_read_to_its_end(size, begin, tmp_path, capsys):
    path = tmp_path / "名册.csv"
    huge(path, size, begin)
    assert cli.main(["roster", "read", str(path), "--json"]) == 1
    assert str(REFUSALS["too_big"]) in capsys.readouterr().err


def test_entities_of_a_file_bring_nothing_in(tmp_path, capsys):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(with_entities())
    cli.main(["roster", "read", str(path), "--json"])
    said = capsys.readouterr()
    assert Path("/etc/hostname").read_text().strip() not in said.out + said.err
    assert "haha" not in said.out + said.err


def test_one_name_ten_thousand_times_is_held_ten_thousand_times_less_one(tmp_path, capsys):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(book([["姓名", "出生日期"], *([["陈思远", "2015-3-5"]] * 10_000)]))
    assert cli.main(["roster", "read", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["counts"]["rows"], answer["counts"]["new"], answer["counts"]["to_fix"]) == (10_000, 1, 9_999)
    codes = {problem["code"] for row in answer["sheets"][0]["rows"] for problem in row["problems"]}
    assert codes == {"same_person"}


MEASURED = """
import os, resource, sys
import django
django.setup()
from tongxing.base.excel import UnreadableFile
from tongxing.rosters.sheets import read_pages
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        try:
            for page in read_pages(file):
                for line in page.lines():
                    pass
        except UnreadableFile:
            pass
most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(most // 1024)
"""


def test_memory_is_bounded_whatever_comes(tmp_path):
    """Measured in a process of its own, over the files that ask for the most."""
    wide = [
        ["姓名", "身份证号", *(f"列{at}" for at in range(23))],
        *([f"陈{at}", "990101201503051216", *(["塘下组三号"] * 23)] for at in range(8000)),
    ]
    contents = {"wide": book(wide), "far": _far()} | {
        name: BAD[name][0] for name in ("bomb", "one-long-line", "columns")
    }
    paths = []
    for name, content in contents.items():
        paths.append(tmp_path / f"{name}.xlsx")
        paths[-1].write_bytes(content)
    huge(tmp_path / "huge.xlsx", 200 * MEGABYTE)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, paths), str(tmp_path / "huge.xlsx")],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert 20 < int(done.stdout) <= MOST_MEMORY


def _far() -> bytes:
    """Two cells, one of them in the last corner there is."""
    old = zipfile.ZipFile(io.BytesIO(book([["姓名", "班级"], ["x", "y"]])))
    members = {name: old.read(name) for name in old.namelist()}
    sheet = next(name for name in members if name.endswith("sheet1.xml"))
    members[sheet] = members[sheet].replace(b'r="B2"', b'r="XFD1048576"')
    return zipped(members)
