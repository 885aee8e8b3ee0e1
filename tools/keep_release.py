"""Keep what a release writes, so that every later version is tested on it: tests/upgrade/<version>/.

Run once when a version is tagged: `.venv/bin/python tools/keep_release.py`. It makes the invented community with that
version, and writes its backup, its key ring (of invented data only) and its figures, which
tests/commands/test_upgrade.py reads for ever.
"""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tests.commands.conftest import Installation  # noqa: E402  the project is not on the path before


def keep() -> Path:
    kept = PROJECT / "tests" / "upgrade" / version("tongxing")
    kept.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        home = Installation(Path(folder))
        for words in (("migrate",), ("demo",), ("backup", kept / "backup.tar")):
            answer = home.run(*words)
            if answer.code:
                raise SystemExit(answer.error)
        shutil.copy(home.keys, kept / "keyring.json")
        (kept / "figures.txt").write_text(home.figures() + "\n")
    return kept


if __name__ == "__main__":
    print(keep())
