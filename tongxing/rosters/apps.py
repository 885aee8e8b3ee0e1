from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "tongxing.rosters"
    label = "rosters"

    def ready(self):
        from tongxing.rosters import actions  # noqa: F401  its jobs are known to the worker from now on
