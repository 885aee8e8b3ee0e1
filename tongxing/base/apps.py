from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "tongxing.base"
    label = "base"
