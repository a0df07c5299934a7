"""Files that go with articles, for who may read the articles."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import conditional_page, require_safe

from kb import serving
from kb.models import Attachment


@login_required
@permission_required("kb.view_articleversion", raise_exception=True)
@conditional_page
@require_safe
def file(request: HttpRequest, attachment_id: int) -> HttpResponse:
    found = Attachment.objects.select_related("document")
    answer = serving.answer(get_object_or_404(found, pk=attachment_id))
    answer["Cache-Control"] = "private, no-cache"
    return answer
