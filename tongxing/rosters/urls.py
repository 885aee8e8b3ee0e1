"""Addresses of the rosters room."""

from django.urls import path

from tongxing.rosters.views import bringing, deciding, files, listed, one, reconciling

app_name = "rosters"
urlpatterns = [
    path("", bringing.history, name="list"),
    path("new/", bringing.upload, name="upload"),
    path("template.xlsx", bringing.template, name="template"),
    path("samples/<str:sample>/", bringing.sample, name="sample"),
    path("listed/<uuid:listed_id>/", listed.listed, name="listed"),
    path("listed/<uuid:listed_id>/open/", listed.open_listed, name="open"),
    path("findings/", reconciling.queue, name="findings"),
    path("findings/start/", reconciling.start, name="reconcile"),
    path("findings/runs/<uuid:run_id>/", reconciling.progress, name="reconcile_progress"),
    path("findings/runs/<uuid:run_id>/again/", reconciling.again, name="reconcile_again"),
    path("findings/<uuid:finding_id>/", reconciling.review, name="review"),
    path("decisions/<uuid:decision_id>/undo/", reconciling.take_back, name="take_back"),
    path("<uuid:roster_id>/aside/", reconciling.set_aside, name="set_aside"),
    path("<uuid:roster_id>/", one.roster, name="roster"),
    path("<uuid:roster_id>/progress/", one.progress, name="progress"),
    path("<uuid:roster_id>/again/", one.again, name="again"),
    path("<uuid:roster_id>/import/", one.start, name="import"),
    path("<uuid:roster_id>/columns/", deciding.columns, name="columns"),
    path("<uuid:roster_id>/updates/", deciding.decide, name="decide"),
    path("<uuid:roster_id>/marked/", files.marked, name="marked"),
    path("<uuid:roster_id>/mark/", files.mark, name="mark"),
    path("<uuid:roster_id>/undo/", one.undo, name="undo"),
    path("<uuid:roster_id>/file/", files.file, name="file"),
    path("<uuid:roster_id>/rows/<uuid:row_id>/", deciding.mend, name="mend"),
    path("<uuid:roster_id>/rows/<uuid:row_id>/skip/", deciding.skip, name="skip"),
]
