"""django-import-export, three ways: children with checks, the same with their kin, children unchecked in bulk."""

from import_export import fields, resources

from bench import words
from bench.reference.models import Child, Kin

OWN = [key for key, _ in words.headings() if not key.startswith(("father_", "mother_", "carer_"))]
HEADING = dict(words.headings())


def columns() -> dict[str, fields.Field]:
    return {key: fields.Field(attribute=key, column_name=HEADING[key]) for key in OWN}


class Checked(resources.ModelResource):
    """The library as its manual shows it, with the model's checks on each row; the kin columns are read and dropped."""

    locals().update(columns())

    class Meta:
        model = Child
        fields = OWN
        import_id_fields = ["number"]
        clean_model_instances = True
        skip_unchanged = True


class CheckedFamily(Checked):
    """Also stores the three kin a row names, each checked: the same facts as the product archives."""

    class Meta(Checked.Meta):
        pass

    def after_save_instance(self, instance, row, **kwargs):
        told = [
            Kin(
                child=instance,
                role=role,
                relation=row.get(HEADING.get(f"{role}_relation"), "") or role,
                name=row[HEADING[f"{role}_name"]],
                phone=row[HEADING[f"{role}_phone"]],
                place=row.get(HEADING.get(f"{role}_place"), ""),
            )
            for role in ("father", "mother", "carer")
        ]
        for kin in told:
            kin.clean_fields()
        Kin.objects.filter(child=instance).delete()
        Kin.objects.bulk_create(told)


class Unchecked(resources.ModelResource):
    """The fastest the library offers: bulk statements, no comparison, no checks."""

    locals().update(columns())

    class Meta:
        model = Child
        fields = OWN
        import_id_fields = ["number"]
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        force_init_instance = True


WAYS = {"checked": Checked, "family": CheckedFamily, "unchecked": Unchecked}
