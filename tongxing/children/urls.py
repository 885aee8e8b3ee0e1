"""Addresses of the children room."""

from django.urls import path

from tongxing.children import views

app_name = "children"
urlpatterns = [
    path("", views.children, name="list"),
    path("open/", views.open_archive, name="open"),
    path("<uuid:child_id>/archive/", views.archive, name="archive"),
    path("<uuid:child_id>/archive/<slug:section>/", views.section, name="section"),
    path("<uuid:child_id>/archive/<slug:section>/confirm/", views.confirm, name="confirm"),
    path("<uuid:child_id>/pair/", views.pair, name="pair"),
    path("<uuid:child_id>/attention/", views.attention, name="attention"),
    path("<uuid:child_id>/leave/", views.leave, name="leave"),
    path("<uuid:child_id>/move/", views.move, name="move"),
    path("<uuid:child_id>/withdraw/", views.withdraw, name="withdraw"),
]
