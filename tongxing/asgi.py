"""The one door for servers: uvicorn tongxing.asgi:application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
application = get_asgi_application()
