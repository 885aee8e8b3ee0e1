from django.urls import path

from tongxing.care import views

app_name = "care"
urlpatterns = [
    path("visits/", views.visits, name="visits"),
    path("visits/new/<uuid:child_id>/", views.visit, name="visit"),
    path("visits/<uuid:visit_id>/withdraw/", views.withdraw, name="withdraw"),
    path("cadence/", views.cadence, name="cadence"),
]
