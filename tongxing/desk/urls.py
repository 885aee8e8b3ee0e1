from django.urls import path

from tongxing.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("child/<uuid:child_id>/", views.child, name="child"),
    path("child/<uuid:child_id>/worry/", views.worry, name="worry"),
    path("find/", views.search, name="search"),
    path("record/", views.record, name="record"),
    path("start/", views.start, name="start"),
    path("me/", views.me, name="me"),
]
