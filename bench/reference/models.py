"""Plain tables: no history, no sealed fields, no dates of validity."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from bench.generate import check_digit


def citizen_number(value: str) -> None:
    """A Django validator: eighteen signs with a right check digit."""
    if not re.fullmatch(r"\d{17}[\dX]", value) or check_digit(value[:17]) != value[17]:
        raise ValidationError("citizen number is not right", code="number")


def phone(value: str) -> None:
    if not re.fullmatch(r"1\d{10}", value):
        raise ValidationError("phone is not right", code="phone")


class Child(models.Model):
    name = models.CharField(max_length=50, db_index=True)
    sex = models.CharField(max_length=4)
    ethnic = models.CharField(max_length=20, blank=True)
    birth_on = models.DateField()
    number = models.CharField(max_length=18, unique=True, validators=[citizen_number])
    community = models.CharField(max_length=12, blank=True, db_index=True)
    hukou = models.CharField(max_length=100, blank=True)
    hamlet = models.CharField(max_length=50, blank=True)
    address = models.CharField(max_length=200, blank=True)
    school = models.CharField(max_length=100, blank=True)
    grade = models.CharField(max_length=20, blank=True, db_index=True)
    class_name = models.CharField(max_length=20, blank=True)
    boarding = models.CharField(max_length=4, blank=True)
    school_number = models.CharField(max_length=30, blank=True)
    health = models.CharField(max_length=20, blank=True)
    attention = models.CharField(max_length=20, blank=True)
    helper = models.CharField(max_length=50, blank=True)

    def __str__(self) -> str:
        return self.name


class Kin(models.Model):
    child = models.ForeignKey(Child, models.CASCADE, related_name="kin")
    role = models.CharField(max_length=20)
    relation = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=50)
    phone = models.CharField(max_length=11, blank=True, validators=[phone])
    place = models.CharField(max_length=100, blank=True)


class Visit(models.Model):
    child = models.ForeignKey(Child, models.CASCADE, related_name="visits")
    on = models.DateField()
    by = models.CharField(max_length=50)
    met = models.BooleanField(default=True)
    note = models.TextField(blank=True)
