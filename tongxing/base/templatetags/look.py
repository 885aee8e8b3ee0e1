"""How things look on a page: icons, states, days, ages, masked numbers, ticks of a figure, the plan of a field.

Pure functions of what they are given; the day is handed in (`today`), never asked for here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tongxing.base.clock import SHANGHAI
from tongxing.base.words import given_name

register = template.Library()

OLD_DAYS = 180  # a fact that nobody has confirmed for longer shows its age (ux.md §2.4)
PLAIN_ABOVE = 200  # more ticks than an eye can tell apart
MANY_ABOVE = 125  # more than a phone is wide enough for
KINDS = ("urgent", "soon", "done", "info", "quiet")
KIND_OF_STATE = {"met": "done", "gap": "soon", "unknown": "quiet", "na": "quiet"}
WORD_OF_STATE = {
    "met": gettext_lazy("齐了"),
    "gap": gettext_lazy("还差"),
    "unknown": gettext_lazy("还不知道"),
    "na": gettext_lazy("不适用"),
}
WEEKDAYS = (
    gettext_lazy("星期一"),
    gettext_lazy("星期二"),
    gettext_lazy("星期三"),
    gettext_lazy("星期四"),
    gettext_lazy("星期五"),
    gettext_lazy("星期六"),
    gettext_lazy("星期日"),
)


# Pictures and states


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A line icon of icons.svg, hidden from screen readers: its word stands beside it, or in an aria-label."""
    return _drawing(name, f"i {css}".strip())


@register.simple_tag
def state(kind: str) -> SafeString:
    """The shape of a state: ◆ urgent, ▲ soon, ✓ done, ⓘ info, – quiet."""
    return _drawing(f"state-{kind}", "state")


@register.simple_tag
def badge(kind: str, words: str, look: str = "") -> SafeString:
    """Word + shape + colour. look="bare" leaves out the ground, for running text. ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"no state {kind!r}; there are {', '.join(KINDS)}")
    return format_html(
        '<span class="{}">{}{}</span>',
        f"badge {kind} {look}".strip(),
        state(kind),
        words,
    )


@register.simple_tag
def state_badge(measured: str, words: str = "", look: str = "bare") -> SafeString:
    """The badge of a measure's state: met, gap, unknown, na."""
    return badge(KIND_OF_STATE[measured], words or str(WORD_OF_STATE[measured]), look)


@lru_cache(maxsize=512)  # a list shows the same few a hundred times
def _drawing(name: str, css: str) -> SafeString:
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        name,
    )


# Days and ages


def _day(value: date | datetime | None) -> date | None:
    if isinstance(value, datetime):
        return (value.astimezone(SHANGHAI) if value.tzinfo else value).date()
    return value


@register.filter
def month_day(value) -> str:
    """11月24日"""
    day = _day(value)
    return _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day} if day else ""


@register.filter
def long_day(value) -> str:
    """11月24日 星期二"""
    day = _day(value)
    return f"{month_day(day)} {WEEKDAYS[day.weekday()]}" if day else ""


@register.filter
def short_day(value, today: date | None = None) -> str:
    """11-24; with the year when it is not today's: 2025-11-24."""
    day = _day(value)
    if not day:
        return ""
    return day.isoformat() if today and day.year != _day(today).year else f"{day:%m-%d}"


@register.filter
def full_day(value) -> str:
    """2026-11-24"""
    day = _day(value)
    return day.isoformat() if day else ""


@register.filter
def clock_time(value: datetime | None) -> str:
    """10:05, in Shanghai's time."""
    return f"{value.astimezone(SHANGHAI) if value.tzinfo else value:%H:%M}" if value else ""


@register.filter
def years_old(born, today) -> int | str:
    """Whole years on `today`; "" when the birthday is not known."""
    born, today = _day(born), _day(today)
    if not born or not today:
        return ""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@register.filter
def age(since, today) -> str:
    """How long ago in one unit: 12 天, 7 个月, 2 年. "" when not known."""
    since, today = _day(since), _day(today)
    if not since or not today:
        return ""
    days = max((today - since).days, 0)
    months = (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)
    if months < 2:
        return ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days}
    if months < 24:
        return ngettext("%(n)d 个月", "%(n)d 个月", months) % {"n": months}
    return ngettext("%(n)d 年", "%(n)d 年", months // 12) % {"n": months // 12}


@register.filter
def ago(value, today) -> str:
    """今天, 昨天, 3 天前, 7 个月前."""
    day, today = _day(value), _day(today)
    if not day or not today:
        return ""
    days = (today - day).days
    if days <= 0:
        return _("今天") if days == 0 else month_day(day)
    return _("昨天") if days == 1 else _("%(age)s前") % {"age": age(day, today)}


@register.filter
def is_old(since, today) -> bool:
    """Nobody confirmed it for half a year; never confirmed is old too."""
    since, today = _day(since), _day(today)
    return since is None or (today - since).days > OLD_DAYS


# Numbers of persons


@register.filter
def masked_number(number: str | None) -> str:
    """990101********0075: the place and the last four stay, the birthday goes."""
    number = (number or "").replace(" ", "")
    if len(number) <= 4:
        return "*" * len(number)
    shown = 6 if len(number) >= 15 else 0
    return number[:shown] + "*" * (len(number) - shown - 4) + number[-4:]


@register.filter
def masked_phone(number: str | None) -> str:
    """140 **** 0033"""
    digits = "".join(c for c in number or "" if c.isdigit())
    if len(digits) == 11:
        return f"{digits[:3]} **** {digits[-4:]}"
    return "*" * max(len(digits) - 4, 0) + digits[-4:] if len(digits) > 4 else "*" * len(digits)


@register.filter
def phone(number: str | None) -> str:
    """140 0000 0033: a mobile number in the groups it is read aloud; anything else as it was written."""
    number = number or ""
    digits = number.replace(" ", "").replace("-", "")
    return (
        f"{digits[:3]} {digits[3:7]} {digits[7:]}"
        if len(digits) == 11 and digits.isdigit() and digits[0] == "1"
        else number
    )


@register.filter
def called(name: str | None) -> str:
    """The given name alone: all that those need who keep a child company."""
    return given_name(name)


@register.filter
def seal_char(name: str | None) -> str:
    """The character on a child's seal: the last one of the name."""
    return (name or "").strip()[-1:]


# Figures


@dataclass(frozen=True)
class Run:
    """One run of equal ticks: its class, and the width attribute of its <svg>."""

    css: str
    width: str


@dataclass(frozen=True)
class Ticks:
    runs: list[Run]
    plain: bool
    many: bool


@register.simple_tag
def ticks(met: int, gap: int = 0, unknown: int = 0) -> Ticks:
    """Ticks of a tally: one child each, in em of ten ticks (a width attribute: the policy forbids style attributes).

    Above PLAIN_ABOVE children one bar, in shares of its whole width.
    """
    counts = [("met", met or 0), ("gap", gap or 0), ("unk", unknown or 0)]
    whole = sum(n for _css, n in counts)
    plain = whole > PLAIN_ABOVE
    width = (lambda n: f"{100 * n / whole:.4g}%") if plain else (lambda n: f"{n / 10:g}em")
    return Ticks([Run(css, width(n)) for css, n in counts if n], plain, whole > MANY_ABOVE)


# Messages


@register.filter
def undo_url(message) -> str:
    """Where a message's undo button posts to: a message sent with extra_tags="undo /path/" has one."""
    verb, _space, path = (message.extra_tags or "").partition(" ")
    return path if verb == "undo" and path.startswith("/") and not path.startswith("//") else ""


# Forms


@dataclass(frozen=True)
class FieldLook:
    """How parts/field.html draws one bound field.

    kind: hidden, check, seg, pick, or line (anything with one control). anchor: the id an error link leads to.
    errors: words of what stops. asks: doubts to answer with one tap, drawn when nothing stops.
    """

    kind: str
    anchor: str
    optional: bool
    errors: list[str]
    asks: list
    notices: list
    warns: frozenset
    hint_id: str
    error_id: str

    @property
    def bad(self) -> bool:
        return bool(self.errors)

    @property
    def doubted(self) -> bool:
        return bool(self.asks) and not self.errors


SEG_UP_TO = 4
SEG_ROOM = 24  # characters of Chinese in a row of slips on a narrow phone, one a slip for its edges


def _width(label: str) -> float:
    """In characters of Chinese; a Latin letter takes half of one."""
    return sum(0.55 if sign.isascii() else 1 for sign in label)


def _kind(bound) -> str:
    widget = bound.field.widget
    input_type = getattr(widget, "input_type", "")
    if bound.is_hidden:
        return "hidden"
    if input_type == "radio":
        labels = [str(label) for value, label in widget.choices if value not in ("", None)]
        fits = len(labels) * (1 + max(map(_width, labels), default=0)) <= SEG_ROOM
        return "seg" if fits and len(labels) <= SEG_UP_TO else "pick"
    if input_type == "checkbox":
        return "pick" if getattr(widget, "allow_multiple_selected", False) else "check"
    return "line"


@register.simple_tag
def field_look(bound) -> FieldLook:
    """Read a bound field's look off its widget; its doubts and notices off an AskForm. `warns` on the field: values
    drawn as a warning."""
    kind = _kind(bound)
    asks = list(getattr(bound, "asks", ()))
    doubts = {str(ask.text) for ask in asks}
    one_of_many = kind in ("seg", "pick") or hasattr(bound.field.widget, "widgets")
    return FieldLook(
        kind=kind,
        anchor=f"{bound.auto_id}_0" if one_of_many else bound.auto_id,
        optional=not bound.field.required and kind != "check" and bound.name not in getattr(bound.form, "one_of", ()),
        errors=[words for words in bound.errors if str(words) not in doubts],
        asks=asks,
        notices=list(getattr(bound, "notices", ())),
        warns=frozenset(getattr(bound.field, "warns", ())),
        hint_id=f"{bound.auto_id}_helptext",
        error_id=f"{bound.auto_id}_error",
    )


@register.simple_tag
def control(bound, css: str = "") -> SafeString:
    """The field's own control, dressed: form-select for a list, form-control otherwise, beside its own class."""
    widget = bound.field.widget
    dress = "form-select" if getattr(widget, "input_type", "") == "select" else "form-control"
    classes = " ".join(part for part in (dress, widget.attrs.get("class", ""), css) if part)
    return bound.as_widget(attrs={"class": classes})


@dataclass(frozen=True)
class Told:
    """One line of the summary above a form. anchor "" leads nowhere; `ask`: a doubt about the form as a whole."""

    words: str
    label: str = ""
    anchor: str = ""
    ask: object = None


@register.simple_tag
def form_told(form) -> list[Told]:
    """Every problem of a form, those of the whole first, then in the order of its fields."""
    asks = [ask for ask in getattr(form, "asks", ()) if ask.field not in form.fields]
    doubts = {str(ask.text) for ask in asks}
    found = [Told(words) for words in form.non_field_errors() if str(words) not in doubts]
    found += [Told(ask.text, ask=ask) for ask in asks]
    for bound in form:
        look = field_look(bound)
        anchor = "" if look.kind == "hidden" else look.anchor
        found += [Told(words, bound.label, anchor) for words in look.errors]
        if look.doubted:
            found += [Told(ask.text, bound.label, anchor) for ask in look.asks]
    return found
