from django.urls import path

from tongxing.staff.views import doors, grants, people, places, trace

app_name = "staff"
urlpatterns = [
    path("sign-in/", doors.sign_in, name="sign_in"),
    path("sign-out/", doors.sign_out, name="sign_out"),
    path("password/", doors.password, name="password"),
    path("sessions/end/", doors.end_sessions, name="end_sessions"),
    path("switch/", doors.switch, name="switch"),
    path("", people.people, name="list"),
    path("new/", people.appoint, name="appoint"),
    path("person/<uuid:staff_id>/", people.person, name="person"),
    path("person/<uuid:staff_id>/appoint/", people.appoint, name="appoint_again"),
    path("person/<uuid:staff_id>/correct/", people.correct, name="correct"),
    path("person/<uuid:staff_id>/suspend/", people.suspend, name="suspend"),
    path("person/<uuid:staff_id>/reinstate/", people.reinstate, name="reinstate"),
    path("person/<uuid:staff_id>/password/", people.hand_over, name="hand_over"),
    path("posts/<uuid:post_id>/move/", people.move, name="move"),
    path("posts/<uuid:post_id>/end/", people.end_post, name="end_post"),
    path("grants/", grants.grants, name="grants"),
    path("grants/<uuid:grant_id>/withdraw/", grants.withdraw_grant, name="withdraw_grant"),
    path("grants/<uuid:grant_id>/renew/", grants.renew_grant, name="renew_grant"),
    path("regions/", places.regions, name="regions"),
    path("regions/<str:path>/", places.regions, name="region"),
    path("regions/<str:path>/new/", places.open_region, name="open_region"),
    path("regions/<str:path>/rename/", places.rename_region, name="rename_region"),
    path("regions/<str:path>/organisations/new/", places.open_organisation, name="open_organisation"),
    path("organisations/<uuid:organisation_id>/", places.correct_organisation, name="correct_organisation"),
    path("schools/<uuid:school_id>/classes/", places.open_classroom, name="classes"),
    path("audit/", trace.audit, name="audit"),
    path("audit/verify/", trace.verify, name="verify"),
]
