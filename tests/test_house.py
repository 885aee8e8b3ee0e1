"""The walls of the house that a linter cannot see."""

import ast
import re
from io import StringIO
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.urls import URLPattern, get_resolver

from tongxing.base.records import Record
from tongxing.staff.trace_words import ACTIONS, SUBJECTS

PROJECT = Path(__file__).resolve().parent.parent
PRODUCT = PROJECT / "tongxing"
ORDER = (
    ("base",),
    ("staff",),
    ("children",),
    ("rosters", "safety"),
    ("counsel",),
    ("care",),
    ("plans",),
    ("desk",),
    ("phone",),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
OURS = [path for folder in ("tongxing", "tests", "bench", "tools") for path in sorted((PROJECT / folder).rglob("*.py"))]
CODE = [path for path in OURS if path.is_relative_to(PRODUCT) and "migrations" not in path.parts]
TEMPLATES = sorted(path for path in PRODUCT.rglob("*.html") if "templates" in path.parts)
LONGEST = 450
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "managers",
    "handle",
    "handler",
    "handlers",
    "data",
    "misc",
    "common",
}


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def rooms() -> list[str]:
    return sorted(path.parent.name for path in PRODUCT.glob("*/apps.py"))


# ── rooms ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_room_has_its_place_in_the_order():
    assert set(rooms()) <= set(RANK)
    assert {f"tongxing.{room}" for room in rooms()} == {
        app for app in settings.INSTALLED_APPS if app.startswith("tongxing")
    }


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("tongxing.")]


def test_foreign_keys_that_leave_a_room_point_down():
    """Down the order, protected, and without a name on the other side: the lower room does not know the upper."""
    wrong = []
    for model in our_models():
        home = model._meta.app_label
        for field in model._meta.get_fields():
            if not (isinstance(field, models.ForeignKey | models.ManyToManyField)) or field.model is not model:
                continue
            there = field.related_model._meta.app_label
            if there == home:
                continue
            where = f"{model._meta.label}.{field.name}"
            if RANK.get(there, -1) >= RANK[home]:
                wrong.append(f"{where} points up to {field.related_model._meta.label}")
            if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT:
                wrong.append(f"{where} is not PROTECT")
            if field.remote_field.related_name != "+":
                wrong.append(f"{where} has no related_name='+'")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_deleted_along_with_another():
    """No cascade onto a record of people, inside a room either."""
    from tongxing.base.records import Record

    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        if issubclass(model, Record)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
    ]
    assert not wrong, f"cascade on {wrong}"


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def test_what_is_measured_still_stands_where_it_is_imported_from():
    """A benchmark imports inside its functions: a name that has moved would only be missed hours into a run."""
    missing = []
    for path in sorted((PROJECT / "bench").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tongxing"):
                missing += [f"{name_of(path)}:{node.lineno} {one.name}" for one in node.names if not stands(node, one)]
    assert not missing


def stands(node: ast.ImportFrom, one: ast.alias) -> bool:
    try:
        resolve_name(f"{node.module}.{one.name}")
    except (ImportError, AttributeError):
        return False
    return True


def test_views_are_imported_by_their_own_urls_alone():
    wrong = []
    for path in CODE:
        room = path.relative_to(PRODUCT).parts[0]
        for module in imported_modules(path):
            parts = module.split(".")
            if parts[0] == "tongxing" and "views" in parts[2:3] and (parts[1] != room or path.name == "apps.py"):
                wrong.append(f"{name_of(path)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_people_pass_between_rooms_by_the_name_of_an_address():
    """A template of one room shows parts of its own room or of the frame, not those of a room above it."""
    wrong = []
    for path in TEMPLATES:
        room = path.relative_to(PRODUCT).parts[0]
        for shown in re.findall(r"{%\s*(?:include|extends)\s+[\"']([\w/]+)\.html", path.read_text()):
            there = shown.split("/")[0] if "/" in shown else ""
            if room in RANK and there in RANK and RANK[there] > RANK[room]:
                wrong.append(f"{name_of(path)} shows {shown}")
            if room == "templates" and there in RANK and there not in ("staff",):
                wrong.append(f"{name_of(path)} shows {shown}")
    assert not wrong, "\n".join(wrong)


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────


def addresses(patterns=None, prefix="", space=""):
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), f"{space}:{one.name}" if space else one.name, one.callback
        else:
            yield from addresses(one.url_patterns, prefix + str(one.pattern), one.namespace or space)


def test_every_address_asks_may():
    """Deny by default: a view without @may, @signed_in or @open_to_all is a hole."""
    from tongxing.staff.roles import PERMISSIONS

    known = {*PERMISSIONS, "signed in", "everybody"}
    of_django = {"set_language"}  # the language switch: changes nothing but a cookie
    wrong = [
        f"/{address} ({name}) asks {getattr(view, 'may', None)!r}"
        for address, name, view in addresses()
        if getattr(view, "may", None) not in known and name not in of_django
    ]
    assert not wrong, "\n".join(wrong)


def test_every_address_has_a_name_of_its_own():
    names = [name for _address, name, _view in addresses()]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice
    assert None not in names


def test_views_are_functions():
    assert not [name for _address, name, view in addresses() if hasattr(view, "view_class")]


def test_there_is_no_general_admin():
    assert not [app for app in settings.INSTALLED_APPS if "admin" in app]
    assert not [path for path in CODE if path.name == "admin.py"]


# ── migrations ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_migrations_form_one_line_with_names():
    loader = MigrationLoader(None)
    wrong = []
    for room in rooms():
        names = sorted(name for label, name in loader.disk_migrations if label == room)
        wrong += [f"{room}: {name} has no name" for name in names if not re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name)]
        wrong += [
            f"{room}: {name} is a machine's name" for name in names if re.search(r"_auto_|_merge|_initial$", name)
        ]
        wrong += [
            f"{room}: {name} breaks the line at {n}"
            for n, name in enumerate(names, 1)
            if not name.startswith(f"{n:04}_")
        ]
        if names and loader.graph.leaf_nodes(room) != [(room, names[-1])]:
            wrong.append(f"{room}: more than one end")
    assert not wrong, "\n".join(wrong)


def test_models_and_migrations_agree(db):
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(f"models have changed without a migration:\n{out.getvalue()}")


# ── names and sizes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_file_is_too_long():
    long = {
        name_of(path): lines
        for path in OURS
        if (lines := path.read_text().count("\n")) > LONGEST and "migrations" not in path.parts
    }
    assert not long, f"past {LONGEST} lines a file becomes a folder of the same name: {long}"


def test_no_module_has_a_vague_name():
    assert not [name_of(path) for path in OURS if path.stem in VAGUE or path.parent.name in VAGUE]


def test_days_end_in_on_and_moments_in_at():
    words = {"birth_date", "true_from", "postponed_to"}  # said so by everybody
    wrong = []
    for model in our_models():
        for field in model._meta.concrete_fields:
            name = f"{model._meta.label}.{field.name}"
            if isinstance(field, models.DateTimeField):
                if not (field.name.endswith("_at") or field.name == "at" or field.name in words):
                    wrong.append(f"{name} is a moment")
            elif isinstance(field, models.DateField) and not (
                field.name.endswith("_on") or field.name == "on" or field.name in words
            ):
                wrong.append(f"{name} is a day")
    assert not wrong, "\n".join(wrong)


def test_constraints_are_sentences():
    """one_current_helper_per_child, not helper_uniq."""
    short = [
        f"{model._meta.label}: {constraint.name}"
        for model in our_models()
        for constraint in model._meta.constraints
        if constraint.name.count("_") < 2
    ]
    assert not short, short


def test_no_model_orders_itself():
    assert not [model._meta.label for model in our_models() if model._meta.ordering]


def test_nothing_is_decided_by_the_moment_of_saving():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    assert not wrong, f"auto_now hides when a thing was so: {wrong}"


# ── one clock, one day ──────────────────────────────────────────────────────────────────────────────────────────────


def test_rules_ask_no_clock_and_no_database():
    wrong = []
    for path in CODE:
        if path.stem != "rules" and path.parent.name != "rules":
            continue
        for module in imported_modules(path):
            if module.startswith(("django.db", "time", "django.utils.timezone", "django.http")) or (
                ".models" in module and module.startswith("tongxing")
            ):
                wrong.append(f"{name_of(path)} imports {module}")
        if re.search(r"\bclock\.(now|today)\(", path.read_text()):
            wrong.append(f"{name_of(path)} asks the clock")
    assert not wrong, "\n".join(wrong)


def test_there_is_one_clock():
    """Wall-clock time is asked in base/clock.py; time.monotonic and django's own sessions are free."""
    asked = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|timezone\.now|localdate|time\.time)\(")
    wrong = [name_of(path) for path in CODE if path.name != "clock.py" and asked.search(path.read_text())]
    assert not wrong, f"ask tongxing.base.clock instead: {wrong}"


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────────────────

INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.I),
    "an inline style sheet": re.compile(r"<style\b(?! data-sheet=)", re.I),  # a first page has the product's own
    "a style attribute": re.compile(r"<[^>%{]*\sstyle\s*=", re.I),
    "an on… attribute": re.compile(r"<[^>%{]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "an address of another site": re.compile(r"(?:src|href|action)\s*=\s*[\"']\s*(?:https?:)?//", re.I),
    "hx-on, which is inline script": re.compile(r"\bhx-on\b", re.I),
    "unescaped output": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_hold_nothing_inline(path):
    text = path.read_text()
    found = [what for what, pattern in INLINE.items() if pattern.search(text)]
    assert not found, f"{name_of(path)} has {found}"


def test_forms_that_post_carry_the_token():
    wrong = []
    for path in TEMPLATES:
        for form in re.findall(r"<form\b[^>]*method=[\"']?post.*?</form>", path.read_text(), re.I | re.S):
            if "csrf_token" not in form:
                wrong.append(name_of(path))
    assert not wrong, f"forms without csrf_token: {wrong}"


# ── the trace ────────────────────────────────────────────────────────────────────────────────────────────────────────


def subjects_written() -> set[str]:
    """The kinds that stand in the code as (kind, id, region); those of Records that keep what they inherit."""
    kind = re.compile(r"[a-z]+\.[a-z_]+")
    said = {
        node.elts[0].value
        for path in sorted(PRODUCT.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.elts[0], ast.Constant)
        if isinstance(node.elts[0].value, str) and kind.fullmatch(node.elts[0].value)
    }
    kept = {
        model._meta.label_lower
        for model in apps.get_models()
        if issubclass(model, Record) and model.subject is Record.subject
    }
    return (said - set(ACTIONS)) | kept


def test_every_subject_of_the_trace_has_its_word():
    written = subjects_written()
    assert {"children.child", "base.attachment", "base.backup", "base.trace"} <= written
    assert not written - set(SUBJECTS), "the auditor would read a raw name"
    assert not set(SUBJECTS) - written, "a word for what is never written"
