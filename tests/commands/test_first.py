"""From nothing to the first administrator by the command line; and a way back in for one who forgot."""

import socket
from io import StringIO

import pytest

from tongxing import cli
from tongxing.commands import Refused, serve
from tongxing.staff.models import Staff

pytestmark = pytest.mark.django_db
FIRST = (
    "appoint", "firstadmin", "--name", "陈一", "--role", "system_admin", "--region", "990101",
    "--organisation", "梅源县民政局",
)  # fmt: skip


@pytest.fixture
def typed(monkeypatch):
    def type_in(password):
        monkeypatch.setattr("sys.stdin", StringIO(password + "\n"))

    return type_in


def test_the_first_administrator_is_appointed_and_must_choose_a_password(cast, typed, client, capsys):
    typed("long-enough-first-one")
    assert cli.main(["--json", *FIRST]) == 0
    assert '"role": "system_admin"' in capsys.readouterr().out
    answer = client.post("/staff/sign-in/", {"login": "firstadmin", "password": "long-enough-first-one"}, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/staff/password/")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--role", "emperor"), "no role"),
        (("--region", "99x"), "region code"),
        (("--region", "990109"), "holds no region"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_done(cast, typed, capsys, change, said):
    typed("long-enough-first-one")
    words = list(FIRST)
    words[words.index(change[0]) + 1] = change[1]
    assert cli.main(words) == 1
    assert said in capsys.readouterr().err
    assert not Staff.objects.filter(login="firstadmin").exists()


def test_a_short_password_is_refused(cast, typed, capsys):
    typed("short")
    assert cli.main(list(FIRST)) == 1
    assert not Staff.objects.filter(login="firstadmin").exists()


def test_an_administrator_who_forgot_is_handed_a_new_password(cast, typed):
    typed("another-long-first-one")
    assert cli.main(["password", "system"]) == 0
    forgetful = Staff.objects.get(login="system")
    assert forgetful.check_password("another-long-first-one") and forgetful.must_change_password


def test_an_administrator_has_a_first_page(cast, client_of):
    for who in (cast.system_admin, cast.security_admin, cast.audit_admin):
        answer = client_of(who).get("/", follow=True)
        assert answer.status_code == 200
        assert answer.redirect_chain


def test_a_port_that_is_taken_is_told_before_anything_is_made():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port}"):
            serve.knock("127.0.0.1", port)
    serve.knock("127.0.0.1", port)
