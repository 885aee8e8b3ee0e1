from django.contrib import admin
from django.urls import path

from bench.reference import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("visits", api.Visits.as_view()),
    path("children", api.Children.as_view()),
    path("children/<int:pk>", api.OneChild.as_view()),
]
