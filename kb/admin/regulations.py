"""The regulations: read, attested, and who has not attested yet."""

from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from banking import signs
from calendars import clock
from calendars.clock import bank_day
from kb import attesting, statutes
from kb.admin.versions import KeyForm, KindForm, Todo, VersionAdmin, WhyForm, step
from kb.attesting import Asked
from kb.models import Attestation, RegulationVersion
from kb.regulations import REGULATIONS, Wording
from kb.sheets.writing import as_csv
from people.models import Branch
from people.office import STYLES, ReadOnlyAdmin, moment, user_of
from people.roles import Role
from people.staff import roles_of
from people.words import listed

ATTEST = "kb.attest_regulation"
# Who sees what is not issued yet: its two people, and who sees all.
SEES_DRAFTS = ("kb.write_article", "kb.review_article", "kb.view_regulationstep")
SHOWN = 200  # rows of the overview; the file has all


class DraftForm(KindForm):
    kind, words, faulty = REGULATIONS, Wording, "text"

    roles = forms.MultipleChoiceField(
        label=pgettext_lazy("a regulation", "applies to"),
        choices=[(role.value, role.label) for role in Role if role != Role.AUDITOR],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = RegulationVersion
        fields = [field.name for field in fields(Wording)]
        widgets = {"text": UnfoldAdminTextareaWidget({"rows": 30, "spellcheck": "false"})}
        help_texts = {
            "text": _(
                "A heading a line: 第一章 and its title, 第一条 and its words; （一） an item."
            ),
            "force_on": _("Left empty: from its publication."),
        }


class NewForm(KeyForm, DraftForm):
    """Of a new regulation."""


def sees_drafts(request: HttpRequest) -> bool:
    return any(map(request.user.has_perm, SEES_DRAFTS))


class Issued(Todo):
    """What is in use, what waits for the reader herself, and what waits for its two people."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found = [("published", _("In use now")), ("mine", _("To be attested by me"))]
        if sees_drafts(request):
            found += [("review", _("To be reviewed")), ("draft", _("Drafts"))]
        return [*found, ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = Q(pk__in=RegulationVersion.objects.in_force(clock.now()))
        match self.chosen():
            case "published":  # and the one before, until its day
                return queryset.filter(Q(state="published") | now)
            case "mine":
                return queryset.filter(state="published", is_asked=True, attested_at=None)
        return super().queryset(request, queryset)


@admin.register(RegulationVersion)
class RegulationVersionAdmin(VersionAdmin):
    verbs = REGULATIONS
    draft_forms = (NewForm, DraftForm)
    own = ("key",)
    page = "kb/regulation.html"

    list_display = ("title", "document_number", "state_shown", "since", "mine")
    list_filter = (Issued,)
    ordering = ("document_number", "-number")
    search_fields = ("title", "document_number", "text")
    search_help_text = _("A word of the title or the text, or the document number")
    actions_detail = ("attest", *VersionAdmin.actions_detail)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what the reader has attested, and whether it is asked of her."""
        reader = user_of(request)
        hers = Attestation.objects.filter(version=OuterRef("pk"), by=reader)
        asked = Q(roles__overlap=[role.value for role in roles_of(reader)])
        found: QuerySet[Any] = super().get_queryset(request)
        found = found.annotate(
            attested_at=Subquery(hers.values("at")[:1]),
            is_asked=ExpressionWrapper(asked, output_field=BooleanField()),
        )
        return found if sees_drafts(request) else found.filter(state__in=found.model.SHOWN)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, version: RegulationVersion) -> SafeString:
        """Until the day of a new one the one before is in force."""
        now = clock.now()
        if version.state == "published" and version.valid_from and version.valid_from > now:
            return signs.sign(signs.DUE, gettext("in force later"))
        begun = version.valid_from is not None and version.valid_from <= now
        if version.state == "replaced" and begun and version.valid_to and version.valid_to > now:
            until = {"when": f"{version.valid_to.astimezone(clock.SHANGHAI):%Y-%m-%d}"}
            return signs.sign(signs.MET, gettext("in force until %(when)s") % until)
        return super().state_shown(version)

    @admin.display(description=_("my attestation"), ordering="attested_at")
    def mine(self, version: Any) -> str:
        if version.attested_at:
            return signs.sign(signs.MET, moment(version.attested_at))
        if version.state == "published" and version.is_asked:
            return signs.sign(signs.WARN, gettext("to be attested"))
        return "—"

    def facts(self, version: RegulationVersion) -> dict[str, Any]:
        asked = [one for one in attesting.everybody() if one.version == version]
        return {
            "chapters": statutes.read(version.text),
            "roles": [Role(role).label for role in version.roles],
            "mine": self.mine(version),
            "attested": sum(one.attested_at is not None for one in asked),
            "asked": len(asked),
        }

    def has_attest_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Once, of what is asked of her."""
        if not request.user.has_perm(ATTEST) or object_id is None:
            return bool(request.user.has_perm(ATTEST))
        open_ = attesting.open_of(user_of(request))
        return any(str(one.version.pk) == str(object_id) for one in open_)

    @step(
        pgettext_lazy("a regulation", "I have read it"),
        "task_alt",
        "attest",
        _("You confirm that you have read this version and will keep to it. It is kept for good."),
    )
    def attest(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        done = gettext("Your attestation is kept.")
        return self._do(request, object_id, attesting.attest, done)

    @step(
        pgettext_lazy("a regulation", "Withdraw"),
        "block",
        "withdraw",
        _("It is in force no more, at once."),
        WhyForm,
    )
    def withdraw(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The regulation is no more in force.")
        return self._do(request, object_id, self.verbs.withdraw, done, form.cleaned_data["why"])


# -- who has attested --------------------------------------------------------------------------


class Sieve(forms.Form):
    """Which rows of the overview are shown."""

    state = forms.ChoiceField(
        label=_("state"),
        choices=[
            ("open", _("not yet attested")),
            ("overdue", _("overdue")),
            ("attested", _("attested")),
            ("all", _("All")),
        ],
    )
    version = forms.ModelChoiceField(
        RegulationVersion.objects.filter(state="published"),
        label=_("regulation"),
        required=False,
        empty_label=_("All regulations"),
    )
    branch = forms.ModelChoiceField(
        Branch.objects.all(), label=_("branch"), required=False, empty_label=_("All branches")
    )
    role = forms.ChoiceField(
        label=_("role"), choices=[("", _("All roles")), *Role.choices], required=False
    )

    def __init__(self, data: Any) -> None:
        super().__init__({"state": "open", **data.dict()})

    def whole(self, asked: list[Asked]) -> list[Asked]:
        """Of these people and regulations, whatever they answered."""
        said = self.cleaned_data if self.is_valid() else {}
        version, branch, role = (said.get(name) for name in ("version", "branch", "role"))
        return [
            one
            for one in asked
            if (not version or version == one.version)
            and (not branch or branch == one.user.branch)
            and (not role or role in roles_of(one.user))
        ]

    def of_state(self, asked: list[Asked], *, day: date) -> list[Asked]:
        match self.cleaned_data.get("state"):
            case "overdue":
                return [one for one in asked if one.is_overdue(day)]
            case "attested":
                return [one for one in asked if one.attested_at]
            case "all":
                return asked
        return [one for one in asked if not one.attested_at]


def _role_names(one: Asked) -> list[str]:
    """Of her roles those to which it applies."""
    return [str(role.label) for role in roles_of(one.user) if role in one.version.roles]


def _sign(one: Asked, day: date) -> SafeString:
    if one.attested_at:
        return signs.sign(signs.MET, moment(one.attested_at))
    if one.is_overdue(day):
        return signs.sign(signs.BREACH, gettext("overdue"))
    return signs.sign(signs.WARN, gettext("not yet attested"))


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    """Its list is who has attested and who has not; each by itself tells nothing."""

    fields = ("version", "by", "said")
    readonly_fields = fields

    class Media:
        css = STYLES

    @admin.display(description=_("time"))
    def said(self, row: Attestation) -> str:
        return moment(row.at)

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="kb_attestation_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        day, sieve = bank_day(clock.now()), Sieve(request.GET)
        asked = sieve.whole(attesting.everybody())
        rows = sieve.of_state(asked, day=day)
        shown = {
            "is_fullwidth": "1",
            "sieve": sieve,
            "query": request.GET.urlencode(),
            "asked": len(asked),
            "attested": sum(one.attested_at is not None for one in asked),
            "overdue": sum(one.is_overdue(day) for one in asked),
            "tables": [
                (title, attesting.counts(asked, names, day=day))
                for title, names in (
                    (_("Regulation"), lambda one: [one.version.title]),
                    (_("Branch"), lambda one: [str(one.user.branch or "—")]),
                    (_("Role"), _role_names),
                )
            ],
            "rows": [(one, listed(_role_names(one)), _sign(one, day)) for one in rows[:SHOWN]],
            "count": len(rows),
            "more": max(len(rows) - SHOWN, 0),
        }
        return self.own_page(
            request, "kb/attestations.html", _("Attestation of regulations"), shown
        )

    def export(self, request: HttpRequest) -> HttpResponse:
        """What the page shows under the same choices, all of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        day, sieve = bank_day(clock.now()), Sieve(request.GET)
        rows = sieve.of_state(sieve.whole(attesting.everybody()), day=day)
        head = (
            *(gettext("Staff number"), gettext("Name"), gettext("Branch"), gettext("Roles")),
            *(gettext("Regulation"), gettext("Document number"), gettext("Version")),
            *(gettext("Attest by"), gettext("Attested at"), gettext("State")),
        )
        content = as_csv(head, (_cells(one, day) for one in rows))
        return HttpResponse(
            content,
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="attestations-{day:%Y%m%d}.csv"'
            },
        )


def _cells(one: Asked, day: date) -> list[str]:
    state = gettext("attested") if one.attested_at else gettext("not yet attested")
    return [
        *(
            one.user.username,
            one.user.name,
            str(one.user.branch or ""),
            listed(_role_names(one)),
        ),
        *(one.version.title, one.version.document_number, str(one.version.number)),
        *(f"{one.due_on}", moment(one.attested_at) if one.attested_at else ""),
        gettext("overdue") if one.is_overdue(day) else state,
    ]
