"""Fields that read what people write, one and the same for a page, a line of Excel and a message from a phone.

Each field has ``read(raw, context) -> (value, problems)``. A page puts them in an `AskForm`; a file and a phone use
`compile_row`, which reads a row of the same fields without making a Form. Rules across fields go to a function
``check(facts, today) -> problems``, given to both.
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property, partial
from typing import ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock, days, numbers, phones, words
from tongxing.base.problems import ASK, NOTICE, STOPS, Problem

ACCEPT = "accept"


class Context(NamedTuple):
    """What a field knows beyond the raw value: its own name, and the day it is read on."""

    field: str
    today: date


class ReadField(forms.Field, metaclass=ABCMeta):
    """A form field whose one implementation is `read`. Value None means nothing was written, or it cannot be kept."""

    default_error_messages: ClassVar[dict] = {"required": _("请填写")}
    attrs: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def read(self, raw, context: Context) -> tuple[object, list[Problem]]:
        """The value and what is wrong with it: each kind of field says how it is read."""

    def nothing(self, context: Context) -> tuple[None, list[Problem]]:
        """The answer when nothing was written."""
        if not self.required:
            return None, []
        return None, [Problem(context.field, "required", self.error_messages["required"], STOPS)]

    def to_python(self, value):
        return self.read(value, Context("", clock.today()))[0]

    def clean(self, value):
        """For a form that is no AskForm: whatever stops or asks is an error there."""
        value, problems = self.read(value, Context("", clock.today()))
        errors = [
            ValidationError(problem.text, code=problem.code) for problem in problems if problem.severity != NOTICE
        ]
        if errors:
            raise ValidationError(errors)
        return value

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), **self.attrs}


def _kept(value, problems: Iterable[Problem]):
    """The value, unless something stops it."""
    if not problems:
        return value, []
    problems = list(problems)
    return (None if any(problem.severity == STOPS for problem in problems) else value), problems


class NameField(ReadField):
    """A person's name, folded."""

    attrs: ClassVar[dict[str, str]] = {"autocomplete": "off"}
    default_error_messages: ClassVar[dict] = {"required": _("没有姓名")}

    def read(self, raw, context):
        name = words.fold(raw)
        if not name:
            return self.nothing(context)
        return _kept(name, words.name_problems(name, context.field))


class CitizenNumberField(ReadField):
    """A citizen number of eighteen, folded. What it must agree with (birth, sex) is a rule: `numbers.agrees`."""

    attrs: ClassVar[dict[str, str]] = {"autocomplete": "off", "spellcheck": "false"}

    def read(self, raw, context):
        if words.is_nothing(raw):
            return self.nothing(context)
        found = numbers.check(raw, today=context.today, field=context.field)
        return _kept(numbers.fold(raw), found)


class DayField(ReadField):
    """A date. With `rough` years and months alone are taken too and the value is a `days.Day`."""

    attrs: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "text"}

    def __init__(self, *, future: bool = False, rough: bool = False, **options):
        self.future, self.rough = future, rough
        super().__init__(**options)

    def read(self, raw, context):
        if not isinstance(raw, date | int | float) and words.is_nothing(raw):
            return self.nothing(context)
        day = days.read_day(raw, context.today, field=context.field, future=self.future)
        if self.rough:
            return _kept(day._replace(problems=()), day.problems)
        problems = list(day.problems)
        if day.value and day.precision != days.Precision.DAY:
            problems.append(Problem(context.field, "not_a_whole_day", _("请把年、月、日写全"), ASK))
            return None, problems
        return _kept(day.value, problems)

    def prepare_value(self, value):
        if isinstance(value, days.Day):
            return value.value and value.value.isoformat()[: {"year": 4, "month": 7}.get(value.precision, 10)]
        if isinstance(value, datetime):
            value = value.date()
        return value.isoformat() if isinstance(value, date) else value


class PhoneField(ReadField):
    """One phone, folded; with `several` every phone of the cell as a tuple of `phones.Piece`."""

    attrs: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "tel"}

    def __init__(self, *, several: bool = False, **options):
        self.several = several
        super().__init__(**options)

    def read(self, raw, context):
        if words.is_nothing(raw):
            return self.nothing(context)
        if not self.several:
            return self._one(raw, context)
        pieces = phones.split(raw)
        if not pieces:
            return _kept(None, phones.problems(raw, context.field))
        found = [problem for piece in pieces for problem in phones.problems(piece.phone, context.field)]
        return _kept(tuple(pieces), dict.fromkeys(found))

    def _one(self, raw, context):
        """Of several phones the first, and of a phone with words beside it the phone; both are asked about."""
        found, phone = phones.problems(raw, context.field), phones.fold(raw)
        if found and (pieces := phones.split(raw)) and not phones.problems(pieces[0].phone):
            phone = pieces[0].phone
        return _kept(phone, found)

    def prepare_value(self, value):
        if isinstance(value, tuple | list):
            return "\n".join([f"{piece.phone} {piece.note}".strip() for piece in value])
        return value


class LineField(ReadField):
    """A line of ordinary text, at most `longest` characters. Nothing written is ''."""

    def __init__(self, *, longest: int = 200, **options):
        self.longest = longest
        super().__init__(**options)

    def read(self, raw, context):
        text = words.line(raw)
        if not text:
            return "", self.nothing(context)[1]
        if len(text) > self.longest:
            return None, [Problem(context.field, "too_long", _("写得太长了，请缩短"), STOPS)]
        return text, []

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "maxlength": str(self.longest)}


class WordsField(forms.CharField):
    """What somebody has to say, in their own lines, at most `longest` characters. Too many are answered, not cut off
    without a word, as a browser does by `maxlength` with what is pasted."""

    def __init__(self, *, rows: int, longest: int = 2000, **options):
        errors = {"required": _("请写几句"), "max_length": _("写得太长了，请缩短")} | options.pop("error_messages", {})
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(max_length=longest, widget=widget, error_messages=errors, **options)

    def widget_attrs(self, widget):
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class PickField(ReadField, forms.ChoiceField):
    """One of a closed list, by its code or, as in files, by its name. `also` maps other written words to codes."""

    def __init__(self, *, choices=(), also: Mapping[str, str] | None = None, **options):
        self.also = dict(also or {})
        super().__init__(choices=choices, **options)

    @cached_property
    def written(self) -> dict[str, str]:
        """Every way a choice may be written, folded: its code, its Chinese name, other words for it."""
        codes = [(str(code), label) for code, label in self.choices if code not in ("", None)]
        with translation.override("zh-hans"):
            ways = [(str(label), code) for code, label in codes]
        ways += [(code, code) for code, _label in codes] + list(self.also.items())
        return {words.tidy(way).lower(): code for way, code in ways}

    def read(self, raw, context):
        text = words.tidy(raw).lower()
        if not text:
            return self.nothing(context)
        code = self.written.get(text)
        if code is None:
            if words.is_nothing(text):
                return self.nothing(context)
            return None, [Problem(context.field, "not_a_choice", _("不在可选的几项里"), STOPS)]
        return code, []

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        copied.__dict__.pop("written", None)  # a form may give its own copy other choices
        return copied


def _read_plain(field: forms.Field, raw, context: Context):
    """Any other Django field, read as ours are."""
    try:
        return field.clean(raw), []
    except ValidationError as error:
        return None, [
            Problem(
                context.field, one.code or "invalid", one.message % one.params if one.params else one.message, STOPS
            )
            for one in error.error_list
        ]


def reader(field: forms.Field) -> Callable:
    """``read(raw, context) -> (value, problems)`` of any field."""
    return field.read if isinstance(field, ReadField) else partial(_read_plain, field)


def compile_row(fields: Mapping[str, forms.Field], check: Callable | None = None) -> Callable:
    """``read_row(row, today) -> (facts, problems)`` for rows as dicts of raw cells, without a Form for each.

    `fields` may be a Form class's ``base_fields``. Facts hold every field; None where nothing could be kept. `check`
    is the room's rule across fields. A missing cell counts as empty.
    """
    readers = [(name, reader(field)) for name, field in fields.items() if not isinstance(field, forms.FileField)]

    def read_row(row: Mapping, today: date) -> tuple[dict, list[Problem]]:
        facts, problems = {}, []
        for name, read in readers:
            facts[name], found = read(row.get(name), Context(name, today))
            if found:
                problems += found
        if check:
            problems += check(facts, today)
        return facts, problems

    return read_row


class AskBoundField(forms.BoundField):
    """A field in an AskForm, with what was found about it, for templates."""

    @property
    def problems(self) -> list[Problem]:
        return [problem for problem in self.form.problems if problem.field == self.name]

    @property
    def asks(self) -> list[Problem]:
        """Questions not yet answered: each is drawn with a button ``name=accept value=field:code``."""
        return [problem for problem in self.form.asks if problem.field == self.name]

    @property
    def notices(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == NOTICE]


class AskForm(forms.Form):
    """A page's form that tells what stops from what asks.

    An ASK problem is an error until the request's ``accept`` holds its "field:code" ("as on the paper"); a NOTICE never
    is. Hidden inputs named `accept_name` carry what was accepted (`accepted`) into the next try. Rules across fields
    go to `check`; ``clean_<field>`` methods are refused, since a row of a file would not pass them.
    """

    bound_field_class = AskBoundField

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith("clean_"):
                raise TypeError(f"{cls.__name__}.{name}: write a rule in check(), which rows of a file pass too")

    def __init__(self, *args, today: date | None = None, **options):
        self.today = today or clock.today()
        self._facts: dict[str, object] = {}
        self._problems: list[Problem] = []
        super().__init__(*args, **options)

    def check(self, facts: dict, today: date) -> Iterable[Problem]:
        """The room's rules across fields; facts may be None where a field was empty or could not be read."""
        return ()

    @property
    def accept_name(self) -> str:
        return self.add_prefix(ACCEPT)

    def _sent_keys(self) -> set[str]:
        if not self.is_bound:
            return set()
        many = getattr(self.data, "getlist", None)
        sent = many(self.accept_name) if many else [self.data.get(self.accept_name) or ""]
        return {key for text in sent for key in str(text).split()}

    @property
    def facts(self) -> dict[str, object]:
        """What was read, questions or not; None where nothing could be kept. As `compile_row` gives it."""
        self.errors  # noqa: B018  reads the form once
        return self._facts

    @property
    def problems(self) -> list[Problem]:
        """All of them, accepted or not."""
        self.errors  # noqa: B018  reads the form once
        return self._problems

    @property
    def accepted(self) -> list[str]:
        """The keys that were sent and answer a question of this try; stale ones are not carried on."""
        sent = self._sent_keys()
        keys = [problem.accept_key for problem in self.problems if problem.severity == ASK]
        return [key for key in dict.fromkeys(keys) if key in sent]

    @property
    def asks(self) -> list[Problem]:
        accepted = self.accepted
        return [one for one in self.problems if one.severity == ASK and one.accept_key not in accepted]

    @property
    def notices(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == NOTICE]

    def full_clean(self):
        self._facts, self._problems = {}, []
        super().full_clean()

    def _clean_fields(self):
        for name, bound in self._bound_items():
            field = bound.field
            if isinstance(field, forms.FileField):
                try:
                    self.cleaned_data[name] = field._clean_bound_field(bound)
                except ValidationError as error:
                    self.add_error(name, error)
                continue
            raw = bound.initial if field.disabled else bound.data
            self._facts[name], found = reader(field)(raw, Context(name, self.today))
            self._problems += found
        self.cleaned_data.update(self._facts)

    def _clean_form(self):
        self._problems += self.check(self._facts, self.today)
        sent = self._sent_keys()
        for problem in self._problems:
            if problem.severity == STOPS or (problem.severity == ASK and problem.accept_key not in sent):
                place = problem.field if problem.field in self.fields else None
                self.add_error(place, ValidationError(problem.text, code=problem.code))
        super()._clean_form()
