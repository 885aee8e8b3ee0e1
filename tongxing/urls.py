"""Every address of the product, room by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("tongxing.desk.urls")),
    path("staff/", include("tongxing.staff.urls")),
    path("children/", include("tongxing.children.urls")),
    path("rosters/", include("tongxing.rosters.urls")),
    path("care/", include("tongxing.care.urls")),
    path("plans/", include("tongxing.plans.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler500 = "tongxing.base.switches.went_wrong"
