"""GET /api/help/…: what the help pages say, for the bank's own channels. Nobody logs in."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from calendars import clock
from kb import serving
from kb.models import Attachment, Category
from kb.public import answers
from kb.public.answers import Told, Whole
from kb.public.limit import ByAddress
from kb.public.views import SHOWN
from kb.ways import ByKeys

LONGEST = 200  # characters of a query


class CategorySerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["code", "name", "name_en"]


class ToldSerializer(serializers.Serializer[Told]):
    """Every field is named: what is not, does not leave the bank."""

    key = serializers.CharField()
    url = serializers.SerializerMethodField()
    category = serializers.CharField(source="category.code")
    question = serializers.CharField(source="version.question")
    spoken = serializers.CharField()
    customers = serializers.CharField(source="version.customers")
    version = serializers.IntegerField(source="version.number")
    since = serializers.DateTimeField(source="version.valid_from")

    def get_url(self, told: Told) -> str:
        return reverse("help:article", args=[told.category.code, told.key], current_app="help")


class AttachmentSerializer(serializers.Serializer[Attachment]):
    name = serializers.CharField()
    type = serializers.SerializerMethodField()
    size = serializers.IntegerField(source="document.size", help_text="Bytes.")
    form = serializers.BooleanField(source="is_form", help_text="To be filled in.")
    url = serializers.SerializerMethodField()

    def get_type(self, one: Attachment) -> str:
        return serving.media_type(one.document)

    def get_url(self, one: Attachment) -> str:
        article = one.version.article
        args = [article.category.code, article.key, one.pk]
        return reverse("help:file", args=args, current_app="help")


class ByKeysSerializer(serializers.Serializer[ByKeys]):
    """How a caller helps herself by telephone; the keys are those after the language."""

    number = serializers.CharField()
    keys = serializers.CharField()
    service = serializers.CharField(source="name")


class WholeSerializer(ToldSerializer):
    answer = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField())
    branches = serializers.ListField(child=serializers.CharField())
    attachments = AttachmentSerializer(many=True)
    by_keys = ByKeysSerializer(many=True)


class Pages(PageNumberPagination):
    page_size = 50


@method_decorator(conditional_page, name="dispatch")
class Public(GenericAPIView[Any]):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [ByAddress]
    renderer_classes = [JSONRenderer]
    filter_backends = []
    http_method_names = ["get", "head", "options"]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", SHOWN)
        return answer


class Categories(Public):
    serializer_class = CategorySerializer
    pagination_class = None

    @extend_schema(responses=CategorySerializer(many=True))
    def get(self, request: Request) -> Response:
        """Those with something to read."""
        return Response(CategorySerializer(answers.categories(at=clock.now()), many=True).data)


class Articles(Public):
    serializer_class = ToldSerializer
    pagination_class = Pages

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, description="What is asked, in words or pinyin."),
            OpenApiParameter("category", str, description="A category's code."),
        ],
        responses=ToldSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """All, or those of a category; with `q` what answers it, best first, 20 at most."""
        at, asked = clock.now(), request.query_params.get("q", "")[:LONGEST]
        code = request.query_params.get("category", "")[:LONGEST]
        if asked.strip():
            return self._page(answers.find(asked, at=at, category=code))
        versions = answers.public(at=at)
        if code:
            versions = versions.filter(article__category__code=code)
        page = self.paginate_queryset(versions)
        return self.get_paginated_response(self._said(answers.told(list(page or ()), at=at)))

    def _page(self, found: list[Told]) -> Response:
        self.paginate_queryset(found)  # type: ignore[arg-type]  # a list is as good
        return self.get_paginated_response(self._said(found))

    def _said(self, found: list[Told]) -> list[Any]:
        return [ToldSerializer(told).data for told in found]


class Article(Public):
    serializer_class = WholeSerializer

    @extend_schema(responses=WholeSerializer)
    def get(self, request: Request, key: str) -> Response:
        """The whole answer; 404 for whatever is not to be read, without a reason."""
        found: Whole | None = answers.whole(key, at=clock.now())
        if found is None:
            raise Http404
        return Response(WholeSerializer(found).data)


class Schema(SpectacularAPIView):
    """OpenAPI of these four addresses."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [ByAddress]
    urlconf = "kb.public.api_urls"
    custom_settings = {
        "TITLE": "Bankline help",
        "VERSION": "1",
        "SCHEMA_PATH_PREFIX_INSERT": "/api/help",
    }
