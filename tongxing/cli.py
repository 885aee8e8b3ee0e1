"""The command `tongxing`: for operators, scripts and tests.

People read the answer by default; `--json` prints one JSON document. Exit 0: done; 1: the thing asked for is not so
(problems found, verification failed); 2: wrong use. Errors are one sentence on standard error.
"""

import argparse
import json
import os
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-11-24") from None


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="tongxing", description=__doc__.splitlines()[0])
    top.add_argument("--json", action="store_true", help="print one JSON document")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name, work, about, under=verbs):
        one = under.add_parser(name, help=about, description=about)
        one.set_defaults(work=work)
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        return one

    run = verb("run", _run, "start the server and its worker")
    run.add_argument(
        "--demo", action="store_true", help="an invented community when the database is empty, and a banner"
    )
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8000)
    run.add_argument("--workers", type=int, default=1, help="server processes")
    verb("worker", _worker, "run the worker alone")
    verb("migrate", _migrate, "bring the database to this version")
    verb("demo", _demo, "fill an empty database with an invented community")
    check = verb("check", _check, "deployment settings, must-be-empty queries, the trace")
    check.add_argument("--repair", action="store_true", help="rebuild what can be rebuilt")
    backup = verb("backup", _backup, "write everything but the keys to one file")
    backup.add_argument("target", type=Path)
    restore = verb("restore", _restore, "read a backup into an empty database")
    restore.add_argument("source", type=Path)
    keys = verb("keys", _keys, "rotate a key ring's key")
    keys.add_argument("ring", choices=["seal", "blind", "trace"])

    appoint = verb(
        "appoint", _appoint, "give somebody a post, as for the first administrator; asks for a first password"
    )
    appoint.add_argument("login")
    appoint.add_argument("--name", required=True)
    appoint.add_argument("--role", required=True)
    appoint.add_argument("--region", required=True, help="code of the place; it must be loaded")
    appoint.add_argument("--organisation", required=True, help="its name; opened when the place has none of that name")
    appoint.add_argument("--kind", default="county", help="community, school, township, county or other")
    password = verb("password", _password, "hand somebody a new first password, an administrator too")
    password.add_argument("login")

    verb("code", _code, "the code with which the first administrator of an empty installation begins on the screen")

    regions = verb("regions", None, "regions").add_subparsers(dest="what", required=True, metavar="WHAT")
    load = verb("load", _regions_load, "load division codes from the data package or a spreadsheet", regions)
    load.add_argument("--file", type=Path, help="a spreadsheet with the columns code and name")
    load.add_argument("--package", type=Path, help="folder of the data package's JSON files")
    load.add_argument("--year", type=int, required=True)
    load.add_argument("--under", default="", help="only this region and below")

    roster = verb("roster", None, "rosters").add_subparsers(dest="what", required=True, metavar="WHAT")
    read = verb("read", _roster_read, "read a file without keeping anything", roster)
    read.add_argument("file", type=Path)
    take = verb("import", _roster_import, "import a file", roster)
    take.add_argument("file", type=Path)
    take.add_argument("--community", required=True)
    take.add_argument("--by", required=True, help="a sign-in name")
    take.add_argument("--annotated", type=Path, help="write the sender's own file there, what is wrong in it marked")
    take.add_argument("--replace", action="store_true", help="write what differs from archives, too; else only fill")
    undo = verb("undo", _roster_undo, "take an import back", roster)
    undo.add_argument("id")
    undo.add_argument("--by", required=True)
    beside = verb("reconcile", _roster_reconcile, "hold the lists of a place beside its archives", roster)
    beside.add_argument("--community", required=True, help="a community, or any region above it")
    beside.add_argument("--by", help="a sign-in name (default: the system)")

    plan = verb("plan", None, "plans of care").add_subparsers(dest="what", required=True, metavar="WHAT")
    told = verb("read", _plan_read, "read written plans (txt, docx) into goals and measures; nothing is kept", plan)
    told.add_argument("file", type=Path, nargs="+")

    figures = verb("figures", _figures, "n of N for every measure")
    gaps = verb("gaps", _gaps, "whom a measure is not met for")
    gaps.add_argument("measure")
    for one in (figures, gaps):
        one.add_argument("--region", default="")
        one.add_argument("--on", type=_day)
    figures.add_argument("--all", action="store_true", help="also the rows of the plan that have no measure yet")
    today = verb("today", _today, "what is before a person")
    today.add_argument("--as", dest="login", required=True)
    today.add_argument("--on", type=_day)

    audit = verb("audit", None, "the trace").add_subparsers(dest="what", required=True, metavar="WHAT")
    verb("verify", _audit_verify, "seal, then check every row of the trace", audit)
    verb("anchor", _audit_anchor, "write the heads of the trace to the anchor file", audit)

    django = verb("django", _django, "a command of the framework")
    django.add_argument("rest", nargs=argparse.REMAINDER)
    return top


# ── verbs: each takes the arguments, answers a dict (printed) and may raise Refused ──────────────────────────────────


def _run(wanted):
    if wanted.demo:
        os.environ["TONGXING_DEMO"] = "1"
    _start()
    from tongxing.commands import serve

    serve.knock(wanted.host, wanted.port)
    serve.prepare()
    if wanted.demo:
        from tongxing.staff.models import Staff

        if not Staff.objects.exists():
            _say(_demo(wanted), wanted)
        else:
            from tongxing.commands.demo import sign_ins

            _say({"sign_ins": sign_ins()}, wanted)
    else:
        from tongxing.commands import first

        if code := first.code():
            address = f"http://{wanted.host}:{wanted.port}/staff/begin/?code={code}"
            _say({"begin_at": address, "code": code}, wanted)
    print(f"http://{wanted.host}:{wanted.port}/", flush=True)
    serve.serve(host=wanted.host, port=wanted.port, workers=wanted.workers)


def _worker(wanted):
    from tongxing.commands import worker

    worker.work()


def _migrate(wanted):
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    return {"migrated": True}


def _demo(wanted):
    from tongxing.commands import demo

    return demo.demo()


def _check(wanted):
    from tongxing.commands import check

    return check.check(repair=getattr(wanted, "repair", False))


def _backup(wanted):
    from tongxing.commands import backup

    return backup.backup(wanted.target)


def _restore(wanted):
    from tongxing.commands import restore

    return restore.restore(wanted.source)


def _keys(wanted):
    from tongxing.commands import keys

    return keys.rotate(wanted.ring)


def _appoint(wanted):
    from tongxing.commands import first

    region = _region(wanted.region)
    return first.appoint(
        login=wanted.login, name=wanted.name, role=wanted.role, region=region, organisation=wanted.organisation,
        kind=wanted.kind, password=_asked(),
    )  # fmt: skip


def _password(wanted):
    from tongxing.commands import first

    return first.password(staff=_person(wanted.login), password=_asked())


def _code(wanted):
    from tongxing.commands import Refused, first

    if not (code := first.code()):
        raise Refused("somebody can sign in already: there is no code")
    return {"code": code}


def _asked() -> str:
    """A password from the keyboard, twice, or a line of standard input; never an argument, which others could read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    from tongxing.commands import Refused

    once, again = getpass("first password: "), getpass("again: ")
    if once != again:
        raise Refused("the two passwords differ; nothing was done")
    return once


def _regions_load(wanted):
    from tongxing.commands import Refused
    from tongxing.staff import regions

    try:
        return regions.load(package=wanted.package, file=wanted.file, year=wanted.year, under=wanted.under)
    except regions.CannotLoad as no:
        raise Refused(str(no)) from None


@contextmanager
def _readable(file):
    """A file that cannot be read is refused with its sentence."""
    from tongxing.base.excel import UnreadableFile
    from tongxing.commands import Refused

    try:
        yield
    except UnreadableFile as unreadable:
        raise Refused(f"{file}: {unreadable.text}") from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as no:
        raise Refused(f"{file}: {no.strerror}") from None


def _roster_read(wanted):
    from tongxing.rosters import api

    with _readable(wanted.file):
        return api.read_file(wanted.file)


def _roster_import(wanted):
    from tongxing.rosters import api

    with _readable(wanted.file):
        return api.import_file(
            wanted.file,
            community=_region(wanted.community),
            by=_person(wanted.by),
            annotated=wanted.annotated,
            replace=wanted.replace,
        )


def _roster_undo(wanted):
    from tongxing.rosters import api

    return api.undo(wanted.id, by=_person(wanted.by))


def _roster_reconcile(wanted):
    from tongxing.base.records import SYSTEM
    from tongxing.commands import Refused
    from tongxing.rosters import api

    by = _person(wanted.by) if wanted.by else SYSTEM
    try:
        return api.reconcile(_region(wanted.community).path, by=by)
    except api.JobFailed as failed:
        raise Refused(str(failed)) from None


def _plan_read(wanted):
    from tongxing.commands import Refused
    from tongxing.plans import reading

    plans = []
    for path in wanted.file:
        try:
            plans += reading.read(path.read_bytes())
        except reading.UnreadablePlan as no:
            raise Refused(f"{path.name}: {no.text}") from None
        except OSError as no:
            raise Refused(f"{path.name}: {no.strerror}") from None
    return reading.as_json(plans)


def _figures(wanted):
    from tongxing.commands import figures

    return figures.figures(region=wanted.region, on=wanted.on, everything=wanted.all)


def _gaps(wanted):
    from tongxing.commands import figures

    return figures.gaps(code=wanted.measure, region=wanted.region, on=wanted.on)


def _today(wanted):
    from tongxing.commands import figures

    return figures.today(staff=_person(wanted.login), on=wanted.on)


def _audit_verify(wanted):
    from tongxing.base import seal

    verdict = seal.verify()
    return {"events": verdict.events, "looks": verdict.looks, "ok": verdict.ok, "first_broken": verdict.first_broken}


def _audit_anchor(wanted):
    from tongxing.base import seal

    return seal.anchor()


def _django(wanted):
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tongxing django", *wanted.rest])


# ── around the verbs ─────────────────────────────────────────────────────────────────────────────────────────────────


def _start():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    import django

    django.setup()


def _person(login):
    from tongxing.commands import Refused
    from tongxing.staff.models import Staff

    person = Staff.objects.filter(login=login).first()
    if person is None:
        raise Refused(f"nobody signs in as {login!r}")
    return person


def _region(code):
    from tongxing.commands import Refused
    from tongxing.staff.models import Region
    from tongxing.staff.rules import path_of

    try:
        path = path_of(code)
    except ValueError:
        raise Refused(f"{code!r} is not a region code") from None
    region = Region.objects.filter(path=path).first()
    if region is None:
        raise Refused(f"this installation holds no region {code}")
    return region


def _say(answer, wanted):
    if answer is None:
        return
    if getattr(wanted, "json", False):
        print(json.dumps(answer, ensure_ascii=False, default=str))
        return
    print("\n".join(_lines(answer)), flush=True)


def _lines(answer, indent=0):
    pad = "  " * indent
    for key, value in answer.items():
        if isinstance(value, dict):
            yield f"{pad}{key}:"
            yield from _lines(value, indent + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{pad}{key}:"
            for one in value:
                yield f"{pad}  " + "  ".join(str(part) for part in one.values() if part not in (None, ""))
        else:
            yield f"{pad}{key}: {value}"


def _is_behind() -> bool:
    """Whether the database lacks migrations of this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def main(words=None) -> int:
    wanted = parser().parse_args(words)
    if wanted.work is not _run:
        _start()
    from django.db import OperationalError, ProgrammingError

    from tongxing.commands import Refused

    try:
        answer = wanted.work(wanted)
    except Refused as no:
        print(f"tongxing: {no}", file=sys.stderr)
        return 1
    except (OperationalError, ProgrammingError):
        if wanted.work in (_run, _migrate, _restore) or not _is_behind():
            raise
        print("tongxing: the database is not of this version yet: run `tongxing migrate`", file=sys.stderr)
        return 1
    _say(answer, wanted)
    return 1 if isinstance(answer, dict) and answer.get("ok") is False else 0


if __name__ == "__main__":
    sys.exit(main())
