from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "tongxing.care"
    label = "care"

    def ready(self):
        from tongxing.care import actions
        from tongxing.children.actions import Follower, followers

        followers.append(Follower(merged=actions.follow_merge, parted=actions.follow_parting))
