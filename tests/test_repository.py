"""What may stand in the repository: sources, and nothing of this machine, of others, or of a build."""

import json
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements-setup.txt", "requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
LARGEST = 600 * 1024

# Put together here, so that this file may be searched as well.
DOT = "."
REGISTRIES = [
    DOT.join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "npmmirror", "com"),
        ("registry", "yarnpkg", "com"),
        ("pypi", "tuna", "tsinghua", "edu", "cn"),
        ("mirrors", "aliyun", "com"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
]
OF_A_MACHINE = [f"/{folder}/" for folder in ("work", "root", "home/[a-z]+", "Users/[A-Za-z]+")]


def tracked() -> list[Path]:
    """The files git knows, or without git every file that is not ignored by habit."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True, text=True
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout: there is no list of tracked files")
    return [path for name in listed if name and (path := PROJECT / name).is_file()]


LISTS = PROJECT / "tests" / "rosters" / "habits" / "files"  # as people send them, in whatever encoding


def texts():
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw[:8000] and LISTS not in path.parents:
            yield path, raw.decode("utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_no_registry_is_named():
    found = [f"{name_of(path)}: {host}" for path, text in texts() for host in REGISTRIES if host in text]
    assert not found, found


def test_no_path_of_a_machine_is_named():
    pattern = re.compile("|".join(rf"(?<![\w.:/}}$-]){place}" for place in OF_A_MACHINE))
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        if path.suffix != ".svg"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_nothing_built_and_nothing_of_others_is_kept():
    pattern = re.compile(
        r"(^|/)(dist|node_modules|__pycache__|\.venv|var)/|\.min\.(js|css)$|\.(mo|pyc|sqlite3|map|whl|woff2?|ttf)$"
    )
    found = [name_of(path) for path in tracked() if pattern.search(name_of(path))]
    assert not found, found


def test_no_file_is_heavy():
    heavy = {name_of(path): path.stat().st_size for path in tracked() if path.stat().st_size > LARGEST}
    assert not heavy, heavy


def test_nothing_is_left_unfinished():
    marks = ["TO" + "DO", "FIX" + "ME", "pytest.mark." + "skip", "x" + "fail("]
    found = [
        f"{name_of(path)}: {mark}"
        for path, text in texts()
        if path.suffix in (".py", ".js", ".mjs", ".scss", ".html", ".sh", ".md")
        for mark in marks
        if re.search(rf"(?<!\w){re.escape(mark)}", text)
    ]
    assert not found, found


# ── locks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def locked(name: str) -> dict[str, str]:
    """Package → version of a lock file; fails when one has no hash."""
    packages = {}
    for entry in re.split(r"\n(?=[a-z0-9])", (PROJECT / name).read_text()):
        found = re.match(r"([a-z0-9._-]+)==([^\s;\\]+)", entry)
        if found:
            assert "--hash=sha256:" in entry, f"{name}: {found[1]} has no hash"
            packages[found[1]] = found[2]
    assert packages, f"{name} is empty"
    return packages


def plain(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-").replace(".", "-")


@pytest.mark.parametrize("name", LOCKS)
def test_locks_have_hashes_and_no_addresses(name):
    assert locked(name)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", (PROJECT / name).read_text())


def test_locks_agree_with_the_project():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = {
        "requirements.txt": project["dependencies"],
        "requirements-dev.txt": project["optional-dependencies"]["dev"],
        "requirements-bench.txt": project["optional-dependencies"]["bench"],
    }
    for name, requirements in wanted.items():
        missing = {plain(one) for one in requirements} - locked(name).keys()
        assert not missing, f"{name} does not hold {missing}: lock again, see CONTRIBUTING.md"


def test_each_lock_holds_the_one_before_it_at_the_same_versions():
    """So what the tests installed serves `make run` as well."""
    for smaller, larger in pairwise(LOCKS[1:]):
        small, large = locked(smaller), locked(larger)
        differ = {name: (version, large.get(name)) for name, version in small.items() if large.get(name) != version}
        assert not differ, f"{smaller} and {larger} differ: {differ}"


def test_npm_keeps_no_address():
    npmrc = (PROJECT / "frontend" / ".npmrc").read_text().splitlines()
    assert {"omit-lockfile-registry-resolved=true", "fund=false", "audit=false"} <= set(npmrc)
    assert not [line for line in npmrc if "registry=" in line or "_auth" in line]
    packages = json.loads((PROJECT / "frontend" / "package-lock.json").read_text())["packages"]
    assert not [name for name, one in packages.items() if "resolved" in one]
    assert not [name for name, one in packages.items() if name and not one.get("integrity") and not one.get("link")]


def test_npm_versions_are_exact():
    project = json.loads((PROJECT / "frontend" / "package.json").read_text())
    wanted = project.get("dependencies", {}) | project.get("devDependencies", {})
    assert not {name: version for name, version in wanted.items() if not re.fullmatch(r"[\d.]+", version)}


def test_the_watch_runs_the_readmes_test_and_nothing_else():
    lines = [line for line in (PROJECT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "exec make test </dev/null"
    assert "make test" in (PROJECT / "README.md").read_text()
