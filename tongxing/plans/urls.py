from django.urls import path

from tongxing.plans import views

app_name = "plans"
urlpatterns = [
    path("coverage/", views.coverage, name="coverage"),
    path("coverage/export/", views.export, name="export"),
    path("coverage/paper/", views.paper, name="paper"),
    path("coverage/<slug:code>/", views.gaps, name="gaps"),
    path("coverage/<slug:code>/<uuid:subject_id>/arrange/", views.arrange, name="arrange"),
]
