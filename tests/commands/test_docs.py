"""The documents name what there is: every model has its word, every verb and every code of the check its line."""

import re

from django.apps import apps

from tests.conftest import PROJECT
from tongxing import cli
from tongxing.commands.check import RULES

WORDS = (PROJECT / "docs" / "words.md").read_text()
COMMANDS = (PROJECT / "docs" / "cli.md").read_text()


def test_every_model_has_a_word():
    ours = [model.__name__ for model in apps.get_models() if model.__module__.startswith("tongxing.")]
    missing = [name for name in ours if f"`{name}`" not in WORDS]
    assert ours and not missing, f"docs/words.md does not name {missing}"


def test_no_word_names_a_model_that_is_gone():
    known = {model.__name__ for model in apps.get_models()} | {"Record", "Measure"}
    named = set(re.findall(r"^\| `([A-Z]\w+)`", WORDS, re.MULTILINE))
    assert named <= known, f"docs/words.md names {named - known}"


def test_every_verb_is_described():
    for one in cli.parser()._subparsers._group_actions:
        missing = [verb for verb in one.choices if not re.search(rf"`{verb}\b", COMMANDS)]
        assert not missing, f"docs/cli.md does not describe {missing}"


def test_every_code_of_the_check_is_explained():
    of_many = ("overlap", "merged")
    codes = {rule.code.partition("_")[0] + "_…" if rule.code.startswith(of_many) else rule.code for rule in RULES}
    missing = [code for code in sorted(codes) if f"`{code}`" not in COMMANDS]
    assert not missing, f"docs/cli.md does not explain {missing}"
