"""The screen is Chinese through gettext, and an English screen ships beside it, complete."""

import ast
import re
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from tools import messages

PRODUCT = messages.PRODUCT
CODE = [path for path in sorted(PRODUCT.rglob("*.py")) if "migrations" not in path.parts]
TEMPLATES = sorted(path for path in PRODUCT.rglob("*.html") if "templates" in path.parts)
CHINESE = re.compile("[\u3400-\u9fff]")
PLACE = re.compile(r"%\((\w+)\)")


def name_of(path: Path) -> str:
    return path.relative_to(PRODUCT).as_posix()


# ── nothing Chinese outside templates and gettext ───────────────────────────────────────────────────────────────────


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    """Bare strings: docstrings of modules, classes and functions, and of fields."""
    return {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def spoken(tree: ast.AST, names) -> set[ast.Constant]:
    """The literals handed to a gettext function under one of these names."""
    return {
        argument
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in names
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_code_speaks_chinese_through_gettext_alone(path):
    text = path.read_text()
    tree = ast.parse(text)
    free = docstrings(tree) | spoken(tree, messages.spoken_as(text))
    loose = [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and node not in free
    ]
    assert not loose, f"{name_of(path)}: Chinese outside gettext: {loose}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_speak_through_translate(path):
    """Text that stands outside {% translate %} would stay Chinese on the English screen."""
    loose, inside = [], ""
    for token in Lexer(path.read_text()).tokenize():
        if token.token_type == TokenType.BLOCK:
            tag = token.split_contents()[0]
            if tag in ("blocktranslate", "blocktrans", "comment"):
                inside = tag
            elif tag == f"end{inside}":
                inside = ""
            if tag in ("translate", "trans", "blocktranslate", "blocktrans", "comment", "plural"):
                continue
        if token.token_type == TokenType.COMMENT or inside:
            continue
        text = re.sub(r"""_\((["']).*?\1\)""", "", token.contents)
        if CHINESE.search(text):
            loose.append(f"line {token.lineno}: {text.strip()[:60]!r}")
    assert not loose, f"{name_of(path)}: Chinese outside translate: {loose}"


# ── the English screen ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def english():
    return [message for message in messages.read("en") if message.id]


def first(message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def test_the_english_messages_are_in_step_with_code_and_templates():
    wanted = messages.in_step("en", messages.found_messages())
    assert messages.po_path("en").read_bytes() == wanted, "run `make fix`, then translate what is new"


def test_every_message_has_its_english(english):
    missing = [first(message) for message in english if not messages.is_translated(message) or message.fuzzy]
    assert not missing, f"{len(missing)} messages have no English: {missing[:20]}"


def test_english_messages_are_english(english):
    """Chinese stands in them only as a quotation: the heading a sheet must have."""
    chinese = [first(message) for message in english if CHINESE.search(re.sub('".*?"', "", str(message.string)))]
    assert not chinese, f"Chinese in the English of: {chinese}"


def test_placeholders_are_the_same_in_both(english):
    wrong = []
    for message in filter(messages.is_translated, english):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACE.findall(str(message.id)))
        # the singular may leave a number out: "one child" for "%(n)s child"
        if any(set(PLACE.findall(text)) - wanted for text in strings) or set(PLACE.findall(strings[-1])) != wanted:
            wrong.append(first(message))
    assert not wrong, f"placeholders differ: {wrong}"
