"""Names as people write and seek them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.base import words
from tongxing.base.words import Asks, fold, fuzzy, grams, name_problems, query_kinds, read_name, split_query

CHINESE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
NAMES = st.text(CHINESE, min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("何嘉乐", "何嘉乐"),
        ("  何 嘉　乐 ", "何嘉乐"),
        ("何嘉\u200b乐\ufeff", "何嘉乐"),
        ("阿卜杜拉 • 买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉．买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉・買買提", "阿卜杜拉·買買提"),
        ("·阿依古丽··买买提·", "阿依古丽·买买提"),
        ("Ａnna　 Smith", "Anna Smith"),
        ("Anna.Smith", "Anna.Smith"),
        ("⾦小⽟", "金小玉"),
        ("葛\ufe00小明", "葛小明"),
        ("李𠮷明", "李𠮷明"),
        (None, ""),
        (" \u3000\t", ""),
    ],
)
def test_a_name_has_one_written_form(written, kept):
    assert fold(written) == kept


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert "\u200b" not in fold(text)
    assert unicodedata.is_normalized("NFKC", fold(text))


@given(NAMES, st.lists(st.sampled_from([" ", "\u3000", "\u200b", "\ufeff"]), max_size=4))
def test_blanks_inside_a_chinese_name_do_not_matter(name, blanks):
    assert fold("".join(blanks).join(name)) == fold(name)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("何嘉乐", []),
        ("阿卜杜拉·买买提", []),
        ("李𠮷明", []),
        ("Anna Smith", []),
        ("O'Brien", []),
        ("", ["no_name"]),
        ("  ", ["no_name"]),
        (None, ["no_name"]),
        ("合计", ["not_a_name"]),
        ("姓 名", ["not_a_name"]),
        ("无", ["not_a_name"]),
        ("李", ["one_character"]),
        ("李?明", ["unwritable"]),
        ("李\ue863明", ["unwritable"]),
        ("李□明", ["unwritable"]),
        ("李明1", ["digit_in_name"]),
        ("李明(大)", ["mark_in_name"]),
        ("李" * 51, ["too_long"]),
    ],
)
def test_what_is_wrong_with_a_name(name, codes):
    assert [problem.code for problem in name_problems(name)] == codes


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("单丽", "shanli"),
        ("曾小玉", "zengxiaoyu"),
        ("解文", "xiewen"),
        ("仇英", "qiuying"),
        ("查小良", "zhaxiaoliang"),
        ("区小红", "ouxiaohong"),
        ("朴英姬", "piaoyingji"),
        ("翟小云", "zhaixiaoyun"),
        ("盖小军", "gexiaojun"),
        ("任小兵", "renxiaobing"),
        ("华小芳", "huaxiaofang"),
        ("乐小云", "yuexiaoyun"),
        ("欧阳小云", "ouyangxiaoyun"),
        ("尉迟小云", "yuchixiaoyun"),
        ("万俟小云", "moqixiaoyun"),
        ("长孙小云", "zhangsunxiaoyun"),
        ("吕小云", "lvxiaoyun"),
        ("李𠮷云", "lijiyun"),
        ("Anna Smith", "annasmith"),
    ],
)
def test_the_likeliest_reading_comes_first(name, pinyin):
    assert read_name(name).pinyin_full[0] == pinyin


def test_a_given_name_of_many_readings_is_found_by_each():
    reading = read_name("曾乐行")
    assert {"zenglexing", "zengyuexing", "zenglehang"} <= set(reading.pinyin_full)
    assert {"zlx", "zyx", "zlh"} <= set(reading.initials)
    assert len(reading.pinyin_full) <= words.VARIANTS


def test_a_surname_reads_differently_inside_a_given_name():
    assert read_name("李单").pinyin_full[0] == "lidan"
    assert "lileyun" in read_name("李乐云").pinyin_full


def test_a_name_that_is_perhaps_no_han_name_is_found_both_ways():
    assert {"shanzengzhuoma", "danzengzhuoma"} <= set(read_name("单增卓玛").pinyin_full)
    assert {"chanyuming", "shanyuming"} <= set(read_name("单于明").pinyin_full)
    assert read_name("查干·巴特").pinyin_full[0].startswith("cha")


def test_people_who_sound_alike_stand_together_and_short_syllables_first():
    names = ["李安", "连小云", "李小云", "黎小云", "阿云"]
    assert sorted(names, key=lambda name: read_name(name).sort_key) == ["阿云", "李安", "李小云", "黎小云", "连小云"]


@given(st.text(max_size=12))
def test_any_text_can_be_read(text):
    reading = read_name(text)
    assert len(reading.pinyin_full) <= words.VARIANTS
    assert len(set(reading.pinyin_full)) == len(reading.pinyin_full)
    assert len(reading.initials) <= words.VARIANTS
    assert all(" " not in one for one in reading.pinyin_full)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4))
def test_the_initials_begin_the_syllables_of_the_likeliest_reading(name):
    reading = read_name(name)
    syllables = reading.sort_key.split(" ")[:-1]
    assert "".join(syllables) == reading.pinyin_full[0]
    assert "".join(syllable[0] for syllable in syllables) == reading.initials[0]


def test_the_table_holds_every_reading_of_the_dictionary_it_was_made_from():
    from pypinyin.pinyin_dict import pinyin_dict

    from tools.make_pinyin import without_tone

    table = words._readings()
    for code, text in pinyin_dict.items():
        if 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x2A6DF:
            expected = {without_tone(one) for one in text.split(",")} - {""}
            assert expected <= set(table.get(chr(code), ())), chr(code)
    assert (words.TABLES / "pinyin.tsv").stat().st_size <= 500_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("niulin", "liulin"),
        ("zhangsan", "zangshan"),
        ("chenjing", "cenjin"),
        ("fanggao", "fangao"),
        ("wangfang", "wanfan"),
        ("lülin", "lvling"),
        ("lyuyang", "lvyan"),
        ("Li Ning", "lilin"),
        ("xi'an", "xiang"),
    ],
)
def test_what_southern_ears_do_not_tell_apart_is_one_key(one, other):
    assert fuzzy(one) == fuzzy(other)


def test_what_they_do_tell_apart_stays_apart():
    assert fuzzy("liwei") != fuzzy("liwen")
    assert fuzzy("zhou") != fuzzy("chou")
    assert fuzzy("hu") != fuzzy("fu")
    assert fuzzy("hu", f_is_h=True) == fuzzy("fu", f_is_h=True)


@given(NAMES)
def test_the_beginning_of_a_pinyin_begins_its_key_at_every_syllable(name):
    reading = read_name(name)
    syllables = reading.sort_key.split(" ")[:-1]
    for count in range(1, len(syllables)):
        begun = fuzzy("".join(syllables[:count]))
        assert fuzzy("".join(syllables)).startswith(begun)


def test_grams_are_single_characters_and_pairs():
    assert grams("何嘉乐") == {"何", "嘉", "乐", "何嘉", "嘉乐"}
    assert grams("李𠮷") == {"李", "𠮷", "李𠮷"}
    assert "拉买" in grams("阿卜杜拉·买买提")
    assert grams("Anna") == {"a", "n", "an", "nn", "na"}
    assert grams("") == set()


@given(NAMES, st.data())
def test_every_part_of_a_name_is_covered_by_its_grams(name, data):
    name = fold(name)
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert grams(name[start:end]) <= grams(name)


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("何嘉", [(Asks.NAME, "何嘉")]),
        ("阿依·", [(Asks.NAME, "阿依")]),
        ("hejiale", [(Asks.PINYIN, "hejiale")]),
        ("He Jiale", [(Asks.PINYIN, "hejiale")]),
        ("hé jiā lè", [(Asks.PINYIN, "hejiale")]),
        ("hejial", [(Asks.PINYIN, "hejial")]),
        ("hjl", [(Asks.INITIALS, "hjl"), (Asks.NAME, "hjl")]),
        ("he", [(Asks.PINYIN, "he"), (Asks.INITIALS, "he")]),
        ("lü", [(Asks.PINYIN, "lv")]),
        ("0075", [(Asks.TAIL, "0075")]),
        ("００７ｘ", [(Asks.TAIL, "007X")]),
        ("990101201706300075", [(Asks.NUMBER, "990101201706300075")]),
        ("990101 20170630 0075", [(Asks.NUMBER, "990101201706300075")]),
        ("14000000001", [(Asks.PHONE, "14000000001")]),
        ("+86 140-0000-0001", [(Asks.PHONE, "14000000001")]),
        ("0731-82345678", [(Asks.PHONE, "073182345678")]),
        ("123456", []),
        ("", []),
        ("??", []),
    ],
)
def test_what_a_search_may_mean(typed, kinds):
    assert list(query_kinds(typed)) == kinds


def test_a_search_of_two_kinds_is_two_words():
    assert split_query("何嘉乐 0075") == ["何嘉乐", "0075"]
    assert split_query("何嘉乐0075") == ["何嘉乐", "0075"]
    assert split_query("he jiale") == ["he jiale"]
    assert split_query("hjl 0075") == ["hjl", "0075"]
    assert split_query("140 0000 0001") == ["140 0000 0001"]


@given(st.text(max_size=30))
def test_any_search_is_answered(text):
    for word in split_query(text):
        for kind, term in query_kinds(word):
            assert kind in Asks
            assert term == term.strip()


@given(NAMES)
def test_a_child_is_found_by_what_its_own_name_reads_as(name):
    reading = read_name(name)
    for pinyin in reading.pinyin_full:
        if pinyin.isascii():
            assert words.is_pinyin(pinyin)


def test_a_line_of_text_keeps_chinese_punctuation():
    assert words.line("　城关镇，３号（二楼） \u200b Ａ座 ") == "城关镇，3号（二楼） A座"


@pytest.mark.parametrize("text", ["无", " 不详 ", "-", "——", "/", "N/A", "", None])
def test_words_for_nothing_are_nothing(text):
    assert words.is_nothing(text)
    assert not words.is_nothing("李无")
