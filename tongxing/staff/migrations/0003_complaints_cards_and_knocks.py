import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tongxing.base.ids
import tongxing.base.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0002_sessions_can_be_ended"),
    ]

    operations = [
        migrations.CreateModel(
            name="CardsSeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tongxing.base.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_by_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("withdrawn_why", models.CharField(blank=True, editable=False, max_length=200)),
                ("number", models.CharField(max_length=16, unique=True, verbose_name="编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[("complaint", "投诉"), ("suggestion", "建议")], max_length=12, verbose_name="类别"
                    ),
                ),
                ("words", tongxing.base.sealed.SealedField(blank=True, null=True, verbose_name="想说的话")),
                ("contact", tongxing.base.sealed.SealedField(blank=True, null=True, verbose_name="怎么联系你")),
                ("place", models.CharField(blank=True, max_length=80, verbose_name="哪个社区或学校")),
                ("page", models.CharField(blank=True, max_length=64)),
                ("region", models.CharField(blank=True, max_length=12)),
                ("sent_at", models.DateTimeField()),
                ("sent_by_id", models.UUIDField(blank=True, null=True)),
                ("answer", tongxing.base.sealed.SealedField(blank=True, null=True, verbose_name="回复")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answered_by_id", models.UUIDField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Knock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign_in", "登录"),
                            ("begin", "第一次设置"),
                            ("complaint", "投诉与建议"),
                            ("case", "查回复"),
                        ],
                        max_length=12,
                    ),
                ),
                ("address_digest", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="signintry",
            index=models.Index(fields=["at"], name="sign_in_try_by_age"),
        ),
        migrations.AddField(
            model_name="cardsseen",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["region", "sent_at"], name="complaint_of_region"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("sent_by_id", None), _negated=True),
                fields=["sent_by_id"],
                name="complaint_of_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("answered_by_id", None)),
                    models.Q(("answered_at__isnull", False), ("answered_by_id__isnull", False)),
                    _connector="OR",
                ),
                name="an_answer_comes_from_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="knock",
            index=models.Index(fields=["kind", "address_digest", "at"], name="knock_of_address"),
        ),
        migrations.AddIndex(
            model_name="knock",
            index=models.Index(fields=["at"], name="knock_by_age"),
        ),
        migrations.AddConstraint(
            model_name="cardsseen",
            constraint=models.UniqueConstraint(fields=("staff", "topic"), name="cards_are_put_away_once"),
        ),
    ]
