"""How things look: days, ages, masks, ticks, the plan of a field. Pure, no database."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import override_settings

from tongxing.base.forms import AskForm, CitizenNumberField, NameField
from tongxing.base.problems import ASK, Problem
from tongxing.base.templatetags import look

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def plain_static_files():
    with override_settings(
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    ):
        yield


def test_days_are_written_as_they_are_said():
    assert look.month_day(TODAY) == "11月24日"
    assert look.long_day(TODAY) == "11月24日 星期二"
    assert look.full_day(TODAY) == "2026-11-24"


def test_a_short_day_names_the_year_only_when_it_is_another():
    assert look.short_day(date(2026, 11, 3), TODAY) == "11-03"
    assert look.short_day(date(2025, 11, 3), TODAY) == "2025-11-03"


def test_a_moment_is_shown_in_shanghais_time():
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert look.month_day(late) == "11月24日"
    assert look.clock_time(late) == "00:30"


def test_no_day_gives_no_words():
    for show in (look.month_day, look.long_day, look.full_day, look.clock_time):
        assert show(None) == ""
    assert look.short_day(None, TODAY) == look.age(None, TODAY) == look.years_old(None, TODAY) == ""


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (date(2026, 11, 24), "0 天"),
        (date(2026, 11, 12), "12 天"),
        (date(2026, 9, 25), "60 天"),
        (date(2026, 9, 24), "2 个月"),
        (date(2026, 4, 24), "7 个月"),
        (date(2024, 11, 25), "23 个月"),
        (date(2024, 11, 24), "2 年"),
        (date(2026, 12, 24), "0 天"),
    ],
)
def test_an_age_is_told_in_one_unit(since, words):
    assert look.age(since, TODAY) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "今天"),
        (date(2026, 11, 23), "昨天"),
        (date(2026, 11, 21), "3 天前"),
        (date(2026, 12, 1), "12月1日"),
    ],
)
def test_how_long_ago(day, words):
    assert look.ago(day, TODAY) == words


def test_a_fact_is_old_after_half_a_year_and_when_never_confirmed():
    assert not look.is_old(date(2026, 5, 28), TODAY)
    assert look.is_old(date(2026, 5, 27), TODAY)
    assert look.is_old(None, TODAY)


def test_years_count_from_birthday_to_birthday_also_for_the_29th_of_february():
    assert look.years_old(date(2015, 11, 24), TODAY) == 11
    assert look.years_old(date(2015, 11, 25), TODAY) == 10
    assert look.years_old(date(2016, 2, 29), date(2026, 2, 28)) == 9
    assert look.years_old(date(2016, 2, 29), date(2026, 3, 1)) == 10


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("990101201706300075", "990101********0075"),
        ("99010120170630007X", "990101********007X"),
        ("990101201706300", "990101*****6300"),
        ("AB1234567", "*****4567"),
        ("123", "***"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_citizen_number_shows_its_place_and_last_four(number, shown):
    assert look.masked_number(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("14000000033", "140 **** 0033"),
        ("140 0000 0033", "140 **** 0033"),
        ("07910000", "****0000"),
        ("110", "***"),
        (None, ""),
    ],
)
def test_a_phone_shows_its_beginning_and_last_four(number, shown):
    assert look.masked_phone(number) == shown


def test_a_phone_is_grouped_as_it_is_read_aloud():
    assert look.phone("14000000033") == "140 0000 0033"
    assert look.phone("0791-0000 0000") == "0791-0000 0000"
    assert look.phone(None) == ""


def test_a_seal_bears_the_last_character_also_a_rare_one():
    assert look.seal_char("陈思远") == "远"
    assert look.seal_char("王\U00030729 ") == "\U00030729"
    assert look.seal_char("") == ""


def test_one_tick_is_one_child():
    ticks = look.ticks(91, 8, 4)
    assert [(run.css, run.width) for run in ticks.runs] == [
        ("met", "9.1em"),
        ("gap", "0.8em"),
        ("unk", "0.4em"),
    ]
    assert not ticks.plain


def test_nothing_missing_draws_nothing_missing():
    assert [run.css for run in look.ticks(103, 0, 0).runs] == ["met"]
    assert look.ticks(0, 0, 0).runs == []


def test_above_two_hundred_the_ticks_become_a_bar_of_shares():
    ticks = look.ticks(150, 50, 1)
    assert ticks.plain
    assert sum(float(run.width.rstrip("%")) for run in ticks.runs) == pytest.approx(100, abs=0.01)
    assert not look.ticks(150, 50, 0).plain


def test_a_state_is_word_and_shape_and_its_words_are_escaped():
    html = look.badge("urgent", "<b>", "bare")
    assert "#state-urgent" in html
    assert 'class="badge urgent bare"' in html
    assert "&lt;b&gt;" in html


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="no state"):
        look.badge("green", "好")


@pytest.mark.parametrize(
    ("state", "kind"),
    [("met", "done"), ("gap", "soon"), ("unknown", "quiet"), ("na", "quiet")],
)
def test_each_state_of_a_measure_has_its_badge(state, kind):
    assert f"badge {kind}" in look.state_badge(state)


@pytest.mark.parametrize(
    ("tags", "url"),
    [
        ("undo /visits/1/", "/visits/1/"),
        ("undo //elsewhere.example/", ""),
        ("undo https://elsewhere.example/", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_message_may_carry_its_undo_but_only_to_this_site(tags, url):
    message = type("Message", (), {"extra_tags": tags})
    assert look.undo_url(message) == url


class VisitForm(forms.Form):
    mood = forms.ChoiceField(
        label="情绪",
        choices=[("ok", "正常"), ("other", "有变化"), ("worry", "担心")],
        widget=forms.RadioSelect,
    )
    met = forms.MultipleChoiceField(
        label="见到谁",
        choices=[("child", "孩子")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    number = forms.CharField(label="身份证号", help_text="18 位", required=False)
    cause = forms.ChoiceField(
        label="原因",
        choices=[(str(n), str(n)) for n in range(5)],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label="同意", required=False)
    token = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mood"].warns = {"worry"}


def draw(form, name):
    return Template('{% include "parts/field.html" with field=field %}').render(Context({"field": form[name]}))


def test_the_kind_of_a_field_is_read_off_its_widget():
    form = VisitForm()
    kinds = {bound.name: look.field_look(bound).kind for bound in form}
    assert kinds == {
        "mood": "seg",
        "met": "pick",
        "number": "line",
        "cause": "pick",
        "agreed": "check",
        "token": "hidden",
    }


def test_only_the_optional_says_so():
    form = VisitForm()
    assert "（选填）" in draw(form, "number")
    assert "（选填）" not in draw(form, "mood")
    assert "（选填）" not in draw(form, "agreed")


def test_an_error_stands_at_the_field_and_in_the_summary_that_links_to_it():
    form = VisitForm({"token": "x", "cause": "1", "mood": ""})
    drawn = draw(form, "mood")
    assert "is-bad" in drawn
    assert 'id="id_mood_error"' in drawn
    assert 'id="id_mood_0"' in drawn
    summary = Template('{% include "parts/errors.html" %}').render(Context({"form": form}))
    assert 'href="#id_mood_0"' in summary


class PaperForm(AskForm):
    number = CitizenNumberField(label="身份证号")
    name = NameField(label="姓名")

    def check(self, facts, today):
        return [Problem("household", "elsewhere", "这一户在别的社区", ASK)] if facts["name"] == "陈思远" else []


WRONG_DIGIT = {"number": "990101201706300076", "name": "刘雨桐"}


def summary(form):
    return Template('{% include "parts/errors.html" %}').render(Context({"form": form}))


def test_a_doubt_has_two_answers_and_does_not_look_like_an_error():
    form = PaperForm(WRONG_DIGIT, today=TODAY)
    drawn = draw(form, "number")
    assert "is-ask" in drawn
    assert "is-bad" not in drawn
    assert f'name="accept" value="{form.asks[0].accept_key}"' in drawn
    assert drawn.count(str(form.asks[0].text)) == 1
    assert 'href="#id_number"' in summary(form)


def test_an_answered_doubt_is_carried_on_and_no_longer_drawn():
    key = PaperForm(WRONG_DIGIT, today=TODAY).asks[0].accept_key
    form = PaperForm({**WRONG_DIGIT, "name": "", "accept": key}, today=TODAY)
    assert "is-ask" not in draw(form, "number")
    assert f'<input type="hidden" name="accept" value="{key}">' in summary(form)


def test_a_doubt_about_no_field_is_answered_in_the_summary():
    form = PaperForm({"number": "990101201706300075", "name": "陈思远"}, today=TODAY)
    assert 'value="household:elsewhere"' in summary(form)
    assert summary(form).count("这一户在别的社区") == 1


def test_a_worry_is_drawn_as_a_warning():
    assert draw(VisitForm(), "mood").count('class="warn"') == 1


def test_what_was_typed_is_escaped():
    form = VisitForm({"number": '"><script>'})
    assert "<script>" not in draw(form, "number")


def test_a_tally_says_in_words_what_it_draws():
    html = Template('{% include "parts/tally.html" with met=96 gap=7 unknown=0 %}').render(Context())
    assert "96 人齐了，7 人还差" in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (("正常", "有变化", "担心", "没看到"), "seg"),
        (("学校花名册", "社区入户摸底", "乡镇下发名单", "其他名单"), "pick"),  # would be cut on a phone
        (("Usual", "Quite a lot has changed", "Worry"), "pick"),
    ],
)
def test_slips_stand_side_by_side_only_where_their_words_fit_a_phone(labels, kind):
    class Asked(forms.Form):
        what = forms.ChoiceField(choices=[(label, label) for label in labels], widget=forms.RadioSelect)

    assert look.field_look(Asked()["what"]).kind == kind
