"""Addresses of the rosters room."""

from django.urls import path

from tongxing.rosters import views

app_name = "rosters"
urlpatterns = [
    path("", views.history, name="list"),
    path("new/", views.upload, name="upload"),
    path("template.xlsx", views.template, name="template"),
    path("listed/<uuid:listed_id>/", views.listed, name="listed"),
    path("<uuid:roster_id>/", views.roster, name="roster"),
    path("<uuid:roster_id>/progress/", views.progress, name="progress"),
    path("<uuid:roster_id>/again/", views.again, name="again"),
    path("<uuid:roster_id>/import/", views.start, name="import"),
    path("<uuid:roster_id>/undo/", views.undo, name="undo"),
    path("<uuid:roster_id>/file/", views.file, name="file"),
    path("<uuid:roster_id>/rows/<uuid:row_id>/", views.mend, name="mend"),
    path("<uuid:roster_id>/rows/<uuid:row_id>/skip/", views.skip, name="skip"),
]
