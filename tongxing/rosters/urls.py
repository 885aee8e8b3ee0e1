"""Addresses of the rosters room."""

from django.urls import path

from tongxing.rosters import views, views_reconciling

app_name = "rosters"
urlpatterns = [
    path("", views.history, name="list"),
    path("new/", views.upload, name="upload"),
    path("template.xlsx", views.template, name="template"),
    path("listed/<uuid:listed_id>/", views.listed, name="listed"),
    path("findings/", views_reconciling.queue, name="findings"),
    path("findings/start/", views_reconciling.start, name="reconcile"),
    path("findings/runs/<uuid:run_id>/", views_reconciling.progress, name="reconcile_progress"),
    path("findings/runs/<uuid:run_id>/again/", views_reconciling.again, name="reconcile_again"),
    path("findings/<uuid:finding_id>/", views_reconciling.review, name="review"),
    path("findings/<uuid:finding_id>/archive/", views_reconciling.open_listed, name="open_listed"),
    path("decisions/<uuid:decision_id>/undo/", views_reconciling.take_back, name="take_back"),
    path("<uuid:roster_id>/", views.roster, name="roster"),
    path("<uuid:roster_id>/progress/", views.progress, name="progress"),
    path("<uuid:roster_id>/again/", views.again, name="again"),
    path("<uuid:roster_id>/import/", views.start, name="import"),
    path("<uuid:roster_id>/undo/", views.undo, name="undo"),
    path("<uuid:roster_id>/file/", views.file, name="file"),
    path("<uuid:roster_id>/rows/<uuid:row_id>/", views.mend, name="mend"),
    path("<uuid:roster_id>/rows/<uuid:row_id>/skip/", views.skip, name="skip"),
]
