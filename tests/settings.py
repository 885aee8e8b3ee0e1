"""The product's settings for tests: quick password hashing, jobs done at once, and no mercy for a misspelt variable."""

from tongxing.settings import *  # noqa: F403
from tongxing.settings import DATABASES, TEMPLATES, VAR


class UnknownVariable(Exception):
    """A template used a variable that its view does not give it."""


class RefusesUnknown(str):
    """Stands where Django would print nothing for an unknown variable. `{% if %}` and `{% for %}` do not come here."""

    def __contains__(self, text):
        return text == "%s"

    def __mod__(self, variable):
        raise UnknownVariable(f"the template's context has no {variable!r}")


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = RefusesUnknown("%s")

RECONCILE_APART = (
    False  # another process does not see a test's transaction; tests/rosters/test_reconcile_kill.py has it
)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose

database = DATABASES["default"]
if database["ENGINE"].endswith("sqlite3"):
    # A file, not memory: a live server and tests of several writers open connections of their own.
    database["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    database["CONN_MAX_AGE"] = 0  # a server thread must not keep the test database open
