"""Bare Django REST framework: a visit in one insert, a list, one record."""

from rest_framework import generics, serializers

from bench.reference.models import Child, Visit


class VisitSerializer(serializers.ModelSerializer):
    class Meta:
        model = Visit
        fields = ["id", "child", "on", "by", "met", "note"]


class ChildSerializer(serializers.ModelSerializer):
    class Meta:
        model = Child
        fields = ["id", "name", "sex", "birth_on", "number", "community", "school", "grade", "attention", "helper"]


class Visits(generics.ListCreateAPIView):
    queryset = Visit.objects.order_by("id")
    serializer_class = VisitSerializer


class Children(generics.ListAPIView):
    queryset = Child.objects.order_by("id")
    serializer_class = ChildSerializer


class OneChild(generics.RetrieveAPIView):
    queryset = Child.objects.all()
    serializer_class = ChildSerializer
