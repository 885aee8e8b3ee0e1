from django.contrib import admin
from import_export.admin import ImportExportModelAdmin

from bench.reference.models import Child, Kin, Visit
from bench.reference.resources import Checked


class KinInline(admin.TabularInline):
    model = Kin
    extra = 0


@admin.register(Child)
class ChildAdmin(ImportExportModelAdmin):
    resource_classes = [Checked]
    list_display = ["name", "sex", "birth_on", "number", "community", "school", "grade", "attention", "helper"]
    list_filter = ["grade", "attention"]
    search_fields = ["name", "number"]
    list_per_page = 50
    ordering = ["id"]
    inlines = [KinInline]


@admin.register(Visit)
class VisitAdmin(admin.ModelAdmin):
    list_display = ["child", "on", "by", "met"]
    raw_id_fields = ["child"]
