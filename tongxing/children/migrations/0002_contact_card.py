import django.db.models.deletion
from django.db import migrations, models

import tongxing.base.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("children", "0001_child_and_kin"),
    ]

    operations = [
        migrations.AddField(
            model_name="household",
            name="phone",
            field=tongxing.base.sealed.SealedField(blank=True, null=True, verbose_name="家里电话"),
        ),
        migrations.AddField(
            model_name="kin",
            name="born_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="出生年"),
        ),
        migrations.AddField(
            model_name="kin",
            name="employment",
            field=models.CharField(
                blank=True,
                choices=[("employed", "有单位"), ("odd_jobs", "没有固定单位"), ("at_home", "在家")],
                max_length=12,
                verbose_name="工作情况",
            ),
        ),
        migrations.AlterField(
            model_name="kin",
            name="employer",
            field=tongxing.base.sealed.SealedField(blank=True, null=True, verbose_name="单位和地址"),
        ),
        migrations.CreateModel(
            name="ContactCard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("lacks", models.CharField(blank=True, max_length=400)),
                (
                    "child",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="children.child",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("child", "from_on"), name="one_card_per_child_and_day")
                ],
            },
        ),
        migrations.AlterField(
            model_name="child",
            name="number_missing",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_registered", "未上户口"),
                    ("not_brought", "没带"),
                    ("refused", "家里不肯给"),
                    ("not_on_list", "名册上没有"),
                    ("temporary", "只知道名字，先登记"),
                ],
                max_length=16,
                verbose_name="没有身份证号的原因",
            ),
        ),
    ]
