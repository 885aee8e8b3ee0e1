from django.urls import path

from tongxing.plans.views import coverage, plans

app_name = "plans"
urlpatterns = [
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/export/", coverage.export, name="export"),
    path("coverage/paper/", coverage.paper, name="paper"),
    path("coverage/<slug:code>/", coverage.gaps, name="gaps"),
    path("coverage/<slug:code>/<uuid:subject_id>/arrange/", coverage.arrange, name="arrange"),
    path("plan/", plans.plans, name="plans"),
    path("plan/new/", plans.bring, name="bring"),
    path("plan/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plan/<uuid:plan_id>/print/", plans.paper, name="plan_paper"),
    path("plan/<uuid:plan_id>/file/", plans.file, name="plan_file"),
    path("plan/<uuid:plan_id>/match/", plans.match, name="match"),
    path("plan/<uuid:plan_id>/drop/", plans.drop, name="drop"),
    path("plan/<uuid:plan_id>/add/", plans.add, name="add"),
    path("plan/<uuid:plan_id>/<uuid:commitment_id>/", plans.commitment, name="commitment"),
    path("plan/<uuid:plan_id>/<uuid:commitment_id>/drop/", plans.drop_commitment, name="drop_commitment"),
]
