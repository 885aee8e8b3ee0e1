from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "tongxing.plans"
    label = "plans"
