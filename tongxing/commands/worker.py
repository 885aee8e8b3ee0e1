"""The worker: one process that runs jobs, seals the trace, revives what a killed worker left, erases what expired."""

import logging
import threading
import time
import uuid

from django.db import OperationalError, close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker

from tongxing.base import attachments, jobs, seal
from tongxing.rosters.actions import nightly

log = logging.getLogger("tongxing.worker")
SEAL_EVERY = 2.0  # seconds: the longest an event stands unsealed while the worker lives
UPKEEP_EVERY = 10.0
ANCHOR_EVERY = 3600.0
DOUBLES_EVERY = 900.0  # looks whether today's check of archives beside each other has been done


def _every(seconds: float, work, stop: threading.Event) -> None:
    while not stop.wait(seconds):
        close_old_connections()
        try:
            work()
        except OperationalError as busy:
            log.warning("upkeep put off: %s", busy)  # the next round does it
        except Exception:
            log.exception("upkeep failed")
    connections.close_all()


def _upkeep() -> None:
    if revived := jobs.revive():
        log.info("%s jobs of a stopped worker go on", revived)
    attachments.erase_expired()


def _doubles() -> None:
    if started := nightly():
        log.info("%s counties are checked for two archives of one child", started)


def work(*, interval: float = 0.5) -> None:
    """Run until stopped by a signal. Several may run at once: each job has one runner, each chain one sealer."""
    stop = threading.Event()
    rounds = (
        (SEAL_EVERY, seal.seal_all),
        (UPKEEP_EVERY, _upkeep),
        (ANCHOR_EVERY, seal.anchor),
        (DOUBLES_EVERY, _doubles),
    )
    threads = [threading.Thread(target=_every, args=(*one, stop), daemon=True) for one in rounds]
    worker = Worker(
        queue_names=["default"],
        excluded_queue_names=[],
        interval=interval,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=uuid.uuid4().hex,
    )
    worker.configure_signals()
    _upkeep()
    for thread in threads:
        thread.start()
    try:
        while worker.running:
            try:
                worker.run()
            except OperationalError as busy:
                log.warning("the database did not answer: %s", busy)
                time.sleep(1)
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)
