"""Rules of the staff room: functions of facts alone."""

LEVELS = (2, 4, 6, 9, 12)


def path_of(code: str) -> str:
    """The path of a 12-digit region code: without trailing groups of zeros (2, 4, 6, 9 or 12 digits).

    Raises ValueError unless `code` is 2–12 digits that end on a level.
    """
    code = code.strip()
    if not code.isdigit() or not 2 <= len(code) <= 12:
        raise ValueError(code)
    full = code.ljust(12, "0")
    path = full
    for longer, shorter in ((12, 9), (9, 6), (6, 4), (4, 2)):
        if len(path) == longer and not path[shorter:].strip("0"):
            path = path[:shorter]
    if not path.strip("0"):
        raise ValueError(code)
    return path


def code_of(path: str) -> str:
    """The 12-digit code of a path."""
    return path.ljust(12, "0")


def after(path: str) -> str | None:
    """The first path behind the subtree of `path`, so that `path <= x < after(path)`; None when there is none."""
    following = str(int(path) + 1)
    return following.zfill(len(path)) if len(following) <= len(path) else None


def ancestors(path: str) -> list[str]:
    """Paths above and including `path`, shortest first."""
    return [path[:length] for length in LEVELS if length <= len(path)]


def locked_for(failures: int) -> int:
    """Minutes an account stays closed after so many failures in a row: 5 → 5 minutes, then doubling, at most an hour."""
    return 0 if failures < 5 else min(60, 5 * 2 ** (failures - 5))
