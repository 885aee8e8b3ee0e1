"""Which sound citizen numbers a wrong one may stand for: every number one slip away whose check digit is right.

The check digit catches each changed digit and each swap of neighbours, so a wrong number names at most one digit a
place: about twenty candidates instead of the 180 wildcards of eighteen characters.
"""

from datetime import date
from functools import lru_cache

from tongxing.base.numbers import CHECKS, WEIGHTS, check_digit

_inverse = tuple(pow(weight, -1, 11) for weight in WEIGHTS)


def is_sound(number: str) -> bool:
    """Eighteen characters, a day that exists, the right check digit. `number` is folded."""
    return (
        len(number) == 18
        and number[:17].isdigit()
        and number.isascii()
        and _is_day(number[6:14])
        and check_digit(number[:17]) == number[17]
    )


@lru_cache(100_000)
def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1880
    except ValueError:
        return False


def one_slip_away(number: str) -> list[str]:
    """Sound numbers from which one slip makes this one: a digit changed, two neighbours swapped, one lost or doubled.

    `number` is folded. Empty for a sound number and for what is no number at all, such as one a spreadsheet rounded.
    """
    if not (number[:-1].isdigit() and number.isascii()) or is_sound(number):
        return []
    if len(number) == 18:
        found = _changed(number) + _swapped(number)
    elif len(number) == 17:
        found = _lost(number)
    elif len(number) == 19:
        found = [number[:at] + number[at + 1 :] for at in range(19)]
    else:
        return []
    return [one for one in dict.fromkeys(found) if _is_day(one[6:14]) and is_sound(one)]


def _sum(first17: str) -> int:
    return sum([int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)]) % 11


def _changed(number: str) -> list[str]:
    total, found = _sum(number[:17]), []
    wanted = CHECKS.find(number[17])
    if wanted >= 0:
        for at in range(17):
            digit = (int(number[at]) + (wanted - total) * _inverse[at]) % 11
            if digit < 10:
                found.append(f"{number[:at]}{digit}{number[at + 1 :]}")
    return [*found, number[:17] + CHECKS[total]]


def _swapped(number: str) -> list[str]:
    """Only those swaps that put the check right: neighbours differ in weight, so it tells by how much."""
    wanted = CHECKS.find(number[17])
    off = (wanted - _sum(number[:17])) % 11
    return [
        number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        for at in range(16)
        if wanted >= 0 and (int(number[at + 1]) - int(number[at])) * (WEIGHTS[at] - WEIGHTS[at + 1]) % 11 == off
    ]


def _lost(number: str) -> list[str]:
    found = [number + check_digit(number)] if number.isdigit() else []
    wanted = CHECKS.find(number[16])
    if wanted < 0:
        return found
    for at in range(17):
        bare = f"{number[:at]}0{number[at:16]}"
        digit = (wanted - _sum(bare)) * _inverse[at] % 11
        if digit < 10:
            found.append(f"{bare[:at]}{digit}{bare[at + 1 :]}{number[16]}")
    return found
