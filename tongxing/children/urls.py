"""Addresses of the children room."""

from django.urls import path

from tongxing.children.views import archive, beside, cards, listing, looking, merging, opening

app_name = "children"
urlpatterns = [
    path("", listing.children, name="list"),
    path("open/", opening.open_archive, name="open"),
    path("board/", beside.board, name="board"),
    path("emergency/", looking.emergency, name="emergency"),
    path("merges/<uuid:merge_id>/undo/", merging.unmerge, name="unmerge"),
    path("<uuid:child_id>/merge/", merging.choose, name="merge_with"),
    path("<uuid:child_id>/merge/<uuid:other_id>/", merging.merge, name="merge"),
    path("<uuid:child_id>/approve/", looking.approve, name="approve"),
    path("<uuid:child_id>/archive/", archive.archive, name="archive"),
    path("<uuid:child_id>/archive/<slug:section>/", archive.section, name="section"),
    path("<uuid:child_id>/archive/<slug:section>/confirm/", archive.confirm, name="confirm"),
    path("<uuid:child_id>/card/", cards.card, name="card"),
    path("<uuid:child_id>/card/confirm/", cards.confirm, name="confirm_card"),
    path("<uuid:child_id>/pair/", beside.pair, name="pair"),
    path("<uuid:child_id>/attention/", beside.attention, name="attention"),
    path("<uuid:child_id>/leave/", beside.leave, name="leave"),
    path("<uuid:child_id>/return/", beside.come_back, name="come_back"),
    path("<uuid:child_id>/move/", beside.move, name="move"),
    path("<uuid:child_id>/withdraw/", beside.withdraw, name="withdraw"),
]
