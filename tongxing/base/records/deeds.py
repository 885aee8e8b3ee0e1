"""Actions: a write with a name on it, in one transaction, answered once."""

import functools
import uuid
from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.records.trace import Event, Receipt, plain


class Unnamed(RuntimeError):
    """Somebody tried to write case data outside an action."""


class System:
    """Whoever acts when no person does: set-up, the worker's own upkeep, the invented community."""

    pk = uuid.UUID(int=0)
    name = "system"

    def __str__(self):
        return self.name


SYSTEM = System()


@dataclass
class Deed:
    """An action under way: who, what, and what has changed so far, by subject."""

    by: object
    action: str
    at: datetime
    on: object = None
    why: str = ""
    changes: dict = field(default_factory=lambda: defaultdict(list))  # (subject, id, region) → [(row, name, …)]

    def events(self):
        for (subject, subject_id, region), facts in self.changes.items():
            event = Event(
                id=new_id(),
                at=self.at,
                by_id=self.by.pk,
                action=self.action,
                subject=subject,
                subject_id=subject_id,
                region=region,
                on=self.on,
            )
            if self.why:
                event.note("why", "text", None, self.why)
            for (row, name), (was, now, sealed, secret) in first_to_last(facts).items():
                event.note(row, name, was, now, sealed=sealed, secret=secret)
            yield event.stamped()


def first_to_last(facts: list[tuple]) -> dict[tuple, tuple]:
    """What an action did to each fact as a whole, however often it saved: (row, name) → (was, now, sealed, secret)."""
    whole = {}
    for row, name, was, now, sealed, secret in facts:
        was = whole[row, name][0] if (row, name) in whole else was
        whole[row, name] = was, now, sealed, secret
    return whole


_deed: ContextVar[Deed | None] = ContextVar("deed", default=None)


def current_deed() -> Deed:
    deed = _deed.get()
    if deed is None:
        raise Unnamed(_("写入须在一个具名的动作里进行"))
    return deed


def action(name: str):
    """Make a function a named, traced, transactional write.

    The function takes keywords only and `by`, the person who acts. Callers may add `key` (a UUID): a second call with
    the same key and person gets the first call's answer and does nothing; another person's gets Http404. Inside another
    action it joins that one.
    """

    def wrap(function):
        @functools.wraps(function)
        def act(*, by, key=None, **wanted):
            if _deed.get() is not None:
                return function(by=by, **wanted)
            with transaction.atomic():
                if key is not None and (receipt := _earlier(key, by, name)):
                    return answer_again(receipt)
                deed = Deed(by=by, action=name, at=clock.now())
                token = _deed.set(deed)
                try:
                    answer = function(by=by, **wanted)
                    Event.objects.bulk_create(list(deed.events()))
                finally:
                    _deed.reset(token)
                if key is not None:
                    Receipt.objects.filter(key=key).update(answer=_written_down(answer))
            return answer

        act.action_name = name
        return act

    return wrap


def _earlier(key, by, name) -> Receipt | None:
    """The receipt of an earlier identical request, or None after claiming the key for this one.

    A claim that another transaction holds is waited for: the second of two taps sees what the first one did.
    """
    if Receipt(key=key, by_id=by.pk, action=name, at=clock.now()).claim():
        return None
    receipt = Receipt.objects.get(key=key)
    if receipt.by_id != by.pk or receipt.action != name:
        raise Http404
    return receipt


def _written_down(answer):
    if isinstance(answer, models.Model):
        return {"model": answer._meta.label, "id": str(answer.pk)}
    if isinstance(answer, list | tuple):
        return {"list": [_written_down(one) for one in answer]}
    return {"plain": plain(answer)}


def answer_again(receipt):
    def read(answer):
        if "model" in answer:
            return apps.get_model(answer["model"])._base_manager.get(pk=answer["id"])
        if "list" in answer:
            return [read(one) for one in answer["list"]]
        return answer["plain"]

    return read(receipt.answer)
