"""Training cards: shown once by themselves, put away by each person, found again."""

from django.urls import NoReverseMatch, reverse

from tests.factories import fresh
from tongxing.base.records import Event, Look
from tongxing.staff.cards import TOPICS, topics_for
from tongxing.staff.roles import PERMISSIONS

LIST = "/children/"


def text(answer) -> str:
    return answer.content.decode()


def test_a_topic_has_three_to_five_short_cards():
    for topic in TOPICS.values():
        assert 3 <= len(topic.cards) <= 5
        assert topic.permission in PERMISSIONS
        assert all(len(str(words)) <= 60 for _title, words in topic.cards)


def test_every_topic_that_is_offered_leads_somewhere(cast):
    for topic in topics_for(cast.director):
        for page in topic.pages[:1]:
            try:
                reverse(page)
            except NoReverseMatch:  # a page about one child or one roster
                assert page.split(":")[1] in ("visit", "roster", "gaps")


def test_they_are_shown_once_and_put_away_for_this_person_alone(client_of, cast):
    client = client_of(cast.director)
    assert "一分钟学会" in text(client.get(LIST))
    assert client.post(reverse("staff:put_away", args=["find"]), {"next": LIST}).url == LIST
    page = text(client.get(LIST))
    assert "一分钟学会" not in page
    assert f"{reverse('staff:cards', args=['find'])}?next=" in page
    assert "一分钟学会" in text(client.get("/"))  # of another function
    assert "一分钟学会" in text(client_of(cast.teacher).get(LIST))


def test_they_are_read_again_from_ones_own_page_and_all_come_back_when_asked(client_of, cast):
    client = client_of(cast.director)
    client.post(reverse("staff:put_away", args=["find"]))
    assert reverse("staff:cards", args=["find"]) in text(client.get("/me/"))
    page = text(client.get(reverse("staff:cards", args=["find"]), {"next": LIST}))
    assert "写几个字就行" in page
    assert f'value="{LIST}"' in page
    client.post(reverse("staff:show_cards"))
    assert "一分钟学会" in text(client.get(LIST))


def test_cards_of_a_function_one_has_not_are_not_there(client_of, cast):
    assert client_of(cast.volunteer).get(reverse("staff:cards", args=["import"])).status_code == 404
    assert client_of(cast.director).get(reverse("staff:cards", args=["nothing"])).status_code == 404
    assert client_of(cast.director).post(reverse("staff:put_away", args=["nothing"])).status_code == 404
    assert "staff/cards/import" not in text(client_of(cast.cadre).get("/me/"))


def test_who_reads_cards_and_when_is_nobodys_business(client_of, cast):
    client, events, looks = client_of(cast.director), Event.objects.count(), Look.objects.count()
    client.get(reverse("staff:cards", args=["find"]))
    client.post(reverse("staff:put_away", args=["find"]))
    assert (Event.objects.count(), Look.objects.count()) == (events, looks)
    assert fresh(cast.director).version == cast.director.version


def test_the_way_back_leads_to_no_other_site(client_of, cast):
    client = client_of(cast.director)
    assert client.post(reverse("staff:put_away", args=["find"]), {"next": "//example.org"}).url == reverse("desk:me")
    assert "example.org" not in text(client.get(reverse("staff:cards", args=["find"]), {"next": "https://example.org"}))
