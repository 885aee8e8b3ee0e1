from django.urls import path

from tongxing.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("today/places/", views.places, name="places"),
    path("today/<slug:code>/<uuid:subject_id>/later/", views.later, name="later"),
    path("child/<uuid:child_id>/", views.child, name="child"),
    path("child/<uuid:child_id>/worry/", views.worry, name="worry"),
    path("find/", views.search, name="search"),
    path("record/", views.record, name="record"),
    path("me/", views.me, name="me"),
]
