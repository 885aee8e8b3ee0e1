from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "tongxing.rosters"
    label = "rosters"

    def ready(self):
        from tongxing.children.merges import archives_merged, archives_parted
        from tongxing.rosters import actions  # its jobs are known to the worker from now on

        archives_merged.connect(actions.follow_merge)
        archives_parted.connect(actions.follow_parting)
