from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_people_and_places")]

    operations = [
        migrations.AddField("staff", "sessions_ended_at", models.DateTimeField(editable=False, null=True)),
    ]
