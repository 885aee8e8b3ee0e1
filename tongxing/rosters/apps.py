from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "tongxing.rosters"
    label = "rosters"
