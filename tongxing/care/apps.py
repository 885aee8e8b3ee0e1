from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "tongxing.care"
    label = "care"

    def ready(self):
        from tongxing.care.actions import follow_archives
        from tongxing.children.merges import archives_merged, archives_parted

        archives_merged.connect(follow_archives)
        archives_parted.connect(follow_archives)
