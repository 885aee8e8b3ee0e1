from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "tongxing.rosters"
    label = "rosters"

    def ready(self):
        from tongxing.children.actions import Follower, followers
        from tongxing.rosters import actions  # its jobs are known to the worker from now on

        followers.append(Follower(merged=actions.follow_merge, parted=actions.follow_parting))
