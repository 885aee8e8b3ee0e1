"""Write tongxing/base/tables/pinyin.tsv: every character pypinyin knows, with all its readings without tones.

Run once, and again when pypinyin learns more: ``.venv/bin/python tools/make_pinyin.py``. The product reads only the
table; pypinyin (MIT; its data stem from pinyin-data, MIT, and Unihan) is a development dependency.

One line for each set of readings: the readings, the most usual first, parted by commas; a tab; the characters that
have exactly these readings. u with two dots is written v, as people type it.
"""

import sys
import unicodedata
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from pypinyin.pinyin_dict import pinyin_dict

TABLE = Path(__file__).resolve().parent.parent / "tongxing" / "base" / "tables" / "pinyin.tsv"

# Characters that stand in people's names and that pypinyin 0.55 does not know.
MISSING = {"𠮷": "ji", "𬭸": "heng", "𬱖": "di", "𫟹": "hong", "𫘝": "jue", "𬍛": "yu", "𫔎": "jue", "𬭎": "hong"}

# The reading that names use, where the dictionary puts another one first.
FIRST = {"卜": "bu", "晟": "sheng", "茜": "xi", "俟": "si", "葛": "ge", "那": "na"}

BLOCKS = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def without_tone(reading: str) -> str:
    """'lǚ' -> 'lv'; '' for the wordless hums (m, ng) that no name holds."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    plain = "".join(letter for letter in letters if "a" <= letter <= "z")
    return plain if set(plain) & set("aeiouv") else ""


def readings() -> dict[tuple[str, ...], list[str]]:
    """Readings -> the characters that have them, by code point."""
    found = defaultdict(list)
    known = {chr(code): text for code, text in pinyin_dict.items()} | MISSING
    for character, text in sorted(known.items()):
        if any(first <= ord(character) <= last for first, last in BLOCKS):
            plain = tuple(dict.fromkeys(filter(None, map(without_tone, text.split(",")))))
            if character in FIRST:
                plain = tuple(dict.fromkeys((FIRST[character], *plain)))
            if plain:
                found[plain].append(character)
    return found


def main() -> None:
    found = readings()
    lines = [f"# made by tools/make_pinyin.py from pypinyin {version('pypinyin')}; do not edit"]
    lines += [f"{','.join(key)}\t{''.join(found[key])}" for key in sorted(found)]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{sum(map(len, found.values()))} characters, {TABLE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
