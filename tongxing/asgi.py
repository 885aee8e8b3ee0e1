"""The one door for servers: uvicorn tongxing.asgi:application.

Pages are plain functions on a database that waits, so they run in a few fixed threads that keep their connections
(docs/decisions/0008); sockets can branch off in front of them when there are any.
"""

import os

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
application = WSGIMiddleware(get_wsgi_application(), workers=int(os.environ.get("TONGXING_THREADS", 4)))
