"""Countries, districts, municipalities: open to everybody who signs in."""

from backend.places.models import Country, District, Municipality

from .base import EVERYONE, NounViewSet
from .filters import BY_FOLDED_NAME, CodeFilter, NounFilter
from .forms import NounSerializer
from .pagination import CodeCursorPagination, NameCursorPagination


class CountrySerializer(NounSerializer):
    class Meta:
        model = Country
        fields = ["code", "name", "name_en"]


class CountryViewSet(NounViewSet):
    visible = staticmethod(lambda actor: Country.objects.all())
    served = EVERYONE
    lookup_field = "code"
    serializer_class = CountrySerializer
    pagination_class = CodeCursorPagination
    ordering_fields = ("code",)


class DistrictSerializer(NounSerializer):
    class Meta:
        model = District
        fields = ["code", "country", "name"]


class DistrictFilter(NounFilter):
    country = CodeFilter(field_name="country_id")

    class Meta:
        model = District
        fields = ["country"]


class DistrictViewSet(NounViewSet):
    visible = staticmethod(lambda actor: District.objects.all())
    served = EVERYONE
    lookup_field = "code"
    serializer_class = DistrictSerializer
    filterset_class = DistrictFilter
    pagination_class = CodeCursorPagination
    ordering_fields = ("code", "name")


class MunicipalitySerializer(NounSerializer):
    class Meta:
        model = Municipality
        fields = ["code", "country", "district", "name", "name_cyrl", "latitude", "longitude"]


class MunicipalityFilter(NounFilter):
    country = CodeFilter(field_name="country_id")
    district = CodeFilter(field_name="district_id")

    class Meta:
        model = Municipality
        fields = ["country", "district"]


class MunicipalityViewSet(NounViewSet):
    visible = staticmethod(lambda actor: Municipality.objects.all())
    served = EVERYONE
    lookup_field = "code"
    serializer_class = MunicipalitySerializer
    filterset_class = MunicipalityFilter
    filter_backends = BY_FOLDED_NAME
    pagination_class = NameCursorPagination
    search_fields = ("name_folded",)
    ordering_fields = ("name_folded", "code")
