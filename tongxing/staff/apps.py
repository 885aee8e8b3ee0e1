from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "tongxing.staff"
    label = "staff"
