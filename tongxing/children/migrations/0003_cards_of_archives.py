from django.db import migrations

CHUNK = 500


def write_cards(apps, _editor):
    """What each archive lacks, from the day of the upgrade on; what it lacked before, nobody wrote down."""
    from tongxing.base import clock
    from tongxing.children.queries.cards import facts_of_cards
    from tongxing.children.rules import card_lacks

    child_model, card_model = apps.get_model("children", "Child"), apps.get_model("children", "ContactCard")
    role_model = apps.get_model("children", "KinRole")
    last, today = None, clock.today()
    while True:
        children = child_model.objects.order_by("pk")
        children = children.filter(pk__gt=last) if last else children
        ids = list(children.values_list("pk", flat=True)[:CHUNK])
        if not ids:
            return
        facts = facts_of_cards(ids, children=child_model, roles=role_model)
        card_model.objects.bulk_create(
            card_model(child_id=pk, from_on=today, lacks=" ".join(card_lacks(facts[pk]))) for pk in ids
        )
        last = ids[-1]


def forget(apps, _editor):
    apps.get_model("children", "ContactCard").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("children", "0002_contact_card")]

    operations = [migrations.RunPython(write_cards, forget)]
