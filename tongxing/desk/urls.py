from django.urls import path

from tongxing.desk.views import pages as views
from tongxing.desk.views import prints

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("today/places/", views.places, name="places"),
    path("today/<slug:code>/<uuid:subject_id>/later/", views.later, name="later"),
    path("child/<uuid:child_id>/", views.child, name="child"),
    path("child/<uuid:child_id>/worry/", views.worry, name="worry"),
    path("child/<uuid:child_id>/card/print/", prints.card_wall, name="card_wall"),
    path("child/<uuid:child_id>/card/print.pdf", prints.card_wall_pdf, name="card_wall_pdf"),
    path("cards/", prints.cards, name="cards"),
    path("cards/<uuid:classroom_id>/sheet/", prints.class_sheet, name="class_sheet"),
    path("cards/<uuid:classroom_id>/sheet.pdf", prints.class_sheet_pdf, name="class_sheet_pdf"),
    path("cards/<uuid:classroom_id>/small/", prints.small_cards, name="small_cards"),
    path("cards/<uuid:classroom_id>/small.pdf", prints.small_cards_pdf, name="small_cards_pdf"),
    path("find/", views.search, name="search"),
    path("record/", views.record, name="record"),
    path("start/", views.start, name="start"),
    path("me/", views.me, name="me"),
]
