"""The words of the English screen: finds every message in code and templates and keeps django.po in step.

    python tools/messages.py            merge new messages into the .po files, drop stale ones, keep every translation
    python tools/messages.py compile    write the .mo files that Django reads (they are not committed)

Needs no GNU gettext. A message is what stands in gettext calls and {% translate %} tags; the Chinese text is its key.
"""

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import template as django_template

PROJECT = Path(__file__).resolve().parent.parent
PRODUCT = PROJECT / "tongxing"
LANGUAGES = ("en",)
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = (
    "# The English screen. The Chinese text is the key; `make fix` keeps this file in step with code and templates."
)


def templatize(text: str) -> str:
    """A template as Python calls of gettext, one line each line, so that one extractor serves both."""
    if not settings.configured:
        settings.configure()
        django.setup()
    return "\n".join(line.strip() for line in django_template.templatize(text).splitlines())


def spoken_as(text: str) -> dict[str, str]:
    """The names a module imports gettext functions under: {"_": "gettext"}."""
    return {
        name.asname or name.name: name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in KEYWORDS
    }


def sources() -> Iterator[tuple[Path, str, dict]]:
    """Path, text as Python, and the keywords that mark its messages."""
    for path in sorted(PRODUCT.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            text = path.read_text()
            yield path, text, {name: KEYWORDS[function] for name, function in spoken_as(text).items()}
        elif "templates" in path.parts and path.suffix in (".html", ".txt"):
            yield path, templatize(path.read_text()), KEYWORDS


def found_messages() -> Catalog:
    """Every message of the product, with the files it stands in."""
    catalog = Catalog()
    for path, text, keywords in sources():
        for _line, message, comments, context in extract(
            "python", BytesIO(text.encode()), keywords=keywords, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            if message:
                place = (path.relative_to(PROJECT).as_posix(), 0)
                catalog.add(message, None, [place], auto_comments=comments, context=context)
    return catalog


def po_path(language: str) -> Path:
    return PRODUCT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def in_step(language: str, found: Catalog) -> bytes:
    """The .po file as it should be: the messages found, with the translations it has."""
    held = read(language)
    catalog = Catalog(locale=language, charset="utf-8", header_comment=HEADER, fuzzy=False)
    for message in found:
        if not message.id:
            continue
        known = held.get(message.id, message.context)
        catalog.add(
            message.id,
            known.string if known and not known.fuzzy else None,
            sorted(set(message.locations)),
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
    text = BytesIO()
    write_po(text, catalog, width=0, sort_output=True, include_lineno=False)
    # Dates and addresses in the header would change with every run.
    keep = ("Content-", "MIME-", "Plural-Forms", "Language:")
    lines = text.getvalue().decode().splitlines()
    end = lines.index("") if "" in lines else len(lines)
    head = [line for line in lines[:end] if not re.match(r'"[A-Z]', line) or line[1:].startswith(keep)]
    return "\n".join([*head, *lines[end:], ""]).encode()


def merge() -> int:
    found = found_messages()
    for language in LANGUAGES:
        path = po_path(language)
        wanted = in_step(language, found)
        if not path.exists() or path.read_bytes() != wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted)
        left = [message.id for message in read(language) if message.id and not is_translated(message)]
        total = len(found)
        print(f"{language}: {total} messages, {len(left)} without translation")
    return 0


def is_translated(message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(strings) and all(strings)


def compile_all() -> int:
    for language in LANGUAGES:
        path = po_path(language)
        if path.exists():
            draft = path.with_suffix(".part")
            with draft.open("wb") as file:
                write_mo(file, read(language))
            draft.rename(path.with_suffix(".mo"))
    return 0


if __name__ == "__main__":
    sys.exit(compile_all() if sys.argv[1:] == ["compile"] else merge())
