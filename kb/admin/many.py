"""Many articles at once: chosen in the list, shown before it is done; and the list as a file."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from calendars import clock
from kb import attachments, bulk
from kb.bulk import Sorted
from kb.models import ArticleVersion
from kb.sheets import columns, writing
from people.office import ListAdmin, user_of

SHOWN = 50  # of those it will be done to; of those that are refused, all
Verb = Callable[..., Sorted]


class ManyAdmin(ListAdmin):
    """What the list of articles does with many of them."""

    list_before_template = "kb/_list_head.html"
    actions = ("submit_many", "approve_many")

    def has_submit_many_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("kb.write_article"))

    def has_approve_many_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("kb.review_article"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_submit_many_permission(request) or self.has_approve_many_permission(request)

    @admin.action(description=_("Submit the chosen drafts"), permissions=["submit_many"])
    def submit_many(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._many(
            request,
            queryset,
            look=bulk.to_submit,
            do=bulk.submit,
            title=gettext("Submit the chosen drafts"),
            explained=gettext(
                "Somebody else reviews them; they are fixed until they are sent back."
            ),
        )

    @admin.action(description=_("Approve the chosen articles"), permissions=["approve_many"])
    def approve_many(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._many(
            request,
            queryset,
            look=bulk.to_approve,
            do=bulk.approve,
            title=gettext("Approve the chosen articles"),
            explained=gettext(
                "You stand by what somebody else wrote. "
                "Each is answered from its hour on, or at once."
            ),
        )

    def _many(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        *,
        look: Verb,
        do: Verb,
        title: str,
        explained: str,
    ) -> HttpResponse | None:
        """First what will be done and what is refused; then, asked again, it is done to these."""
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        if asked := request.POST.get("ids"):
            there = {int(pk) for pk in asked.split(",") if pk.isdecimal()}
            done = do(there, **said)
            self._tell(request, done)
            return None
        found = look(list(queryset.order_by().values_list("pk", flat=True)), **said)
        shown = {
            "explained": explained,
            "verb": request.POST["action"],
            "one": queryset.values_list("pk", flat=True).first(),
            "good": found.good[:SHOWN],
            "count": len(found.good),
            "more": max(len(found.good) - SHOWN, 0),
            "ids": ",".join(str(version.pk) for version in found.good),
            "refused": found.refused,
        }
        return self.own_page(request, "kb/many.html", title, shown)

    def _tell(self, request: HttpRequest, done: Sorted) -> None:
        count = len(done.good)
        told = ngettext("Done: %(count)s article.", "Done: %(count)s articles.", count)
        messages.success(request, told % {"count": count})
        for refused in done.refused[:SHOWN]:
            messages.error(request, f"{refused.version.question}: {refused.why}")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        page.may_export = self.has_export_permission(request)
        return page

    # -- the list as a file --------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(self.export)
        return [
            path("export/<str:kind>/", export, name="kb_articleversion_export"),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest, kind: str) -> HttpResponse:
        """What the list shows under the same filters: each article once, its newest there."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            made = writing.Kind(kind)
        except ValueError:
            raise Http404 from None
        listed = self.get_changelist_instance(request).queryset.values("pk")
        versions = (
            ArticleVersion.objects.filter(pk__in=listed)
            .exclude(state=ArticleVersion.State.DROPPED)
            .select_related("article__category", "article__owner")
            .order_by("article__category", "article__key", "-number")
        )
        newest: dict[int, ArticleVersion] = {}
        for version in versions:
            newest.setdefault(version.article_id, version)
        attached = attachments.names(newest.values())
        rows = (columns.written(version, attached[version.pk]) for version in newest.values())
        content = writing.write(made, rows)
        day = f"{clock.bank_day(clock.now()):%Y%m%d}"
        return HttpResponse(
            content,
            content_type=made.content_type,
            headers={"Content-Disposition": f'attachment; filename="articles-{day}.{made}"'},
        )
