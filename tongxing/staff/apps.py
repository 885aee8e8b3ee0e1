from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "tongxing.staff"
    label = "staff"

    def ready(self):
        from tongxing.staff import verifying  # noqa: F401  its job is known to the worker from now on
