from django.apps import AppConfig


class ChildrenConfig(AppConfig):
    name = "tongxing.children"
    label = "children"
