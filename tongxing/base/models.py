"""The tables of base, gathered for Django."""

from tongxing.base.attachments import Attachment
from tongxing.base.facts import Standing
from tongxing.base.jobs import Job
from tongxing.base.measures import Arrangement
from tongxing.base.records import Event, Look, Receipt

__all__ = ["Arrangement", "Attachment", "Event", "Job", "Look", "Receipt", "Standing"]
