"""What the tests of written plans ask for again and again."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tongxing.plans.models import Commitment


def item(plan, number="1", *, goal=False) -> Commitment:
    """The measure, or the goal's commitment, of this number."""
    found = plan.commitments.standing().filter(number=number, goal__isnull=not goal)
    return found.select_related("plan", "goal").get()


def page(client, plan, name="plan", **query) -> str:
    answer = client.get(reverse(f"plans:{name}", args=[plan.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def sent(**facts) -> dict:
    """What the form of a commitment sends."""
    return {"rows": ["20"], "owner": "", "due_on": "", "target": "", "note": ""} | facts


def upload(content: bytes, name="计划.docx", **more) -> dict:
    return {"file": SimpleUploadedFile(name, content), **more}
