"""Start the product: the server for pages and, beside it, the worker."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import uvicorn
from django.core.management import call_command

from tongxing.commands import Refused


def knock(host: str, port: int) -> None:
    """Raises Refused where somebody serves at this address already: before anything is made or told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as why:
            raise Refused(
                f"port {port} of {host} cannot be used ({why.strerror}): choose another with --port"
            ) from None


def prepare() -> None:
    """Bring database and static files to this version's state."""
    call_command("migrate", interactive=False, verbosity=0)
    from django.conf import settings

    if not (settings.STATICFILES_DIRS[0] / "app.css").exists():
        raise Refused("the front end is not built yet: run `make setup`")
    call_command("collectstatic", interactive=False, verbosity=0)


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until stopped; the worker is started with the server and stopped with it."""
    beside = subprocess.Popen([sys.executable, "-m", "tongxing.cli", "worker"], env=os.environ.copy())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.run(
            "tongxing.asgi:application",
            host=host,
            port=port,
            workers=workers,
            log_level="warning",
            access_log=False,  # addresses hold no secrets, but nobody's hours are kept
            server_header=False,
            app_dir=str(Path(__file__).resolve().parents[2]),
        )
    except KeyboardInterrupt:
        pass
    finally:
        beside.terminate()
        try:
            beside.wait(timeout=20)
        except subprocess.TimeoutExpired:
            beside.kill()
