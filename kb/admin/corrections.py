"""Corrections: asked from the page of what was wrong, and the list of who heard it."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.parts import PageAdmin, page_of, who
from banking.models import Customer, DepositRate, FeeTier, LoanRate
from banking.pricing import Schedule
from calendars import clock
from kb import corrections, figures
from kb.admin.forms import AskForm
from kb.corrections import Person, Wrong
from kb.models import ArticleVersion, Charge, Correction, Hearer, Hearing
from kb.rates import Rate
from kb.sheets.writing import as_csv
from people import access, office
from people.errors import Refusal
from people.office import PresetFilter, moment, user_of
from people.words import listed
from telephony import story
from telephony.models import Recording, Rewording

State = Correction.State
STATES = {
    State.ASKED: signs.WARN,
    State.APPROVED: signs.DUE,
    State.LISTED: signs.MET,
    State.DROPPED: signs.OFF,
}
CALLS_BACK = {
    Hearer.State.WAITING: signs.WARN,
    Hearer.State.TAKEN: signs.TALK,
    Hearer.State.REACHED: signs.MET,
    Hearer.State.GIVEN_UP: signs.OFF,
    Hearer.State.NO_NUMBER: signs.OFF,
    Hearer.State.APART: signs.OFF,
}
ASK = "kb.ask_correction"
SHOWN = 200  # people on the page of a correction; the work list has all
REAL = ~Q(state=Hearer.State.APART)
CALLERS = REAL & Q(staff=None)


def named(hearer: Hearer) -> str:
    """Masked; who works here by name."""
    if hearer.staff:
        return str(hearer.staff)
    if hearer.customer:
        return who(hearer.customer)
    return story.masked_caller(hearer.phone) or gettext("number withheld")


def state_of(hearer: Hearer) -> SafeString:
    """How far the call back is, and what came of it."""
    word = hearer.get_outcome_display() or hearer.get_state_display()
    return signs.sign(CALLS_BACK[Hearer.State(hearer.state)], word)


# -- from where it is asked --------------------------------------------------------------------


def wrong_of(asked: Any) -> Wrong | None:
    """What the page named from which she came; None if there is no such thing."""
    for name, found in _WRONG.items():
        if (pk := asked.get(name, "")).isdecimal():
            return found(int(pk))
    return None


def _version(pk: int) -> Wrong | None:
    shown = ArticleVersion.objects.filter(pk=pk, state__in=ArticleVersion.SHOWN)
    version = shown.select_related("article").first()
    return Wrong(version=version) if version else None


def _before(pk: int) -> Wrong | None:
    """The words that others replaced, or are to replace."""
    row = Rewording.objects.filter(pk=pk).first()
    return Wrong(words=(row.key, row.lang, row.before)) if row else None


def _words(pk: int) -> Wrong | None:
    row = Rewording.objects.filter(pk=pk, used_at__isnull=False).first()
    return Wrong(words=(row.key, row.lang, row.text)) if row else None


def _recording(pk: int) -> Wrong | None:
    heard = Recording.objects.defer("audio").filter(
        pk=pk, state__in=[Recording.State.USED, Recording.State.PAST]
    )
    row = heard.exclude(file__contains="/say/").first()  # a piece of a value is in every prompt
    return Wrong(recording=row) if row else None


def _fee(pk: int) -> Wrong | None:
    row = FeeTier.objects.filter(pk=pk).first()
    if row is None:
        return None
    return Wrong(schedule=Schedule(row.kind, row.channel, row.vip, row.valid_from))


def _rate(model: type[DepositRate] | type[LoanRate]) -> Callable[[int], Wrong | None]:
    def wrong(pk: int) -> Wrong | None:
        row = model._default_manager.filter(pk=pk).first()
        return Wrong(rate=Rate.of(row)) if row else None

    return wrong


_WRONG: Mapping[str, Callable[[int], Wrong | None]] = {
    "version": _version,
    "before": _before,
    "words": _words,
    "recording": _recording,
    "fee": _fee,
    "deposit": _rate(DepositRate),
    "loan": _rate(LoanRate),
}


def address_of(name: str, pk: int) -> str:
    """Of the form, for one of these; "" where nobody can have heard it."""
    return f"{reverse('admin:kb_correction_ask')}?{name}={pk}" if _WRONG[name](pk) else ""


def _lead(name: str, title: Any) -> office.Lead:
    return office.Lead(title, ASK, lambda row: address_of(name, row.pk))


office.lead(FeeTier, _lead("fee", _("Who was told this fee")))
office.lead(DepositRate, _lead("deposit", _("Who was told this rate")))
office.lead(LoanRate, _lead("loan", _("Who was told this rate")))
office.lead(Rewording, _lead("before", _("Who heard the words before")))
office.lead(Rewording, _lead("words", _("Who heard these words")))
office.lead(Recording, _lead("recording", _("Who heard this recording")))


# -- the list and the page ---------------------------------------------------------------------


class Stage(PresetFilter):
    title = _("state")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("Waiting, or calls to be made")),
            *State.choices,
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "all":
                return queryset
            case "open":
                waits = Q(state__in=[State.ASKED, State.APPROVED])
                return queryset.filter(waits | Q(to_do__gt=0))
            case state:
                return queryset.filter(state=state)


@admin.register(Correction)
class CorrectionAdmin(PageAdmin):
    """What stood wrong and when, how many heard it, and how far the calls back are."""

    begins = _(
        "A correction begins on the page of what was wrong: open a published article, a fee, "
        "a rate, a recording or words that were changed, and ask there who was told. "
        "A draft can be marked as a correction too."
    )
    list_display = (
        *("kind", "about", "why", "since", "until", "state_shown"),
        *("callers", "progress", "stake", "by"),
    )
    list_display_links = ("kind", "about")
    list_filter = (Stage, "kind")
    list_select_related = ("version", "by")
    change_form_template = "kb/correction.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        rows = super().get_queryset(request).select_related("version", "by", "approved_by")
        found: QuerySet[Correction] = rows.annotate(
            people=Count("hearers", filter=_of_hearers(CALLERS)),
            to_do=Count("hearers", filter=Q(hearers__state__in=Hearer.OPEN)),
            money=Sum("hearers__at_stake", filter=_of_hearers(CALLERS)),
        )
        return found

    @admin.display(description=_("what it is about"))
    def about(self, row: Correction) -> str:
        return row.subject

    @admin.display(description=_("wrong from"), ordering="wrong_from")
    def since(self, row: Correction) -> str:
        return moment(row.wrong_from)

    @admin.display(description=_("wrong until"), ordering="wrong_to")
    def until(self, row: Correction) -> str:
        return moment(row.wrong_to)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Correction) -> SafeString:
        return signs.sign(STATES[State(row.state)], row.get_state_display())

    @admin.display(description=pgettext_lazy("a correction", "callers"))
    def callers(self, row: Any) -> str:
        return f"{row.people:,}" if row.state == State.LISTED else "—"

    @admin.display(description=_("to be called"))
    def progress(self, row: Any) -> str:
        return f"{row.to_do:,}" if row.state == State.LISTED else "—"

    @admin.display(description=_("at stake"))
    def stake(self, row: Any) -> str:
        return f"{row.money or 0:,.2f}" if row.state == State.LISTED else "—"

    def customers_of(self, subject: Correction) -> Iterable[Customer]:
        return ()  # a list, masked: the page of each is written down

    def reason(self, subject: Correction) -> str:
        return f"correction {subject.pk}"

    def title(self, subject: Correction) -> str:
        return gettext("Correction: %(what)s") % {"what": subject.subject}

    def facts(self, request: HttpRequest, row: Correction) -> dict[str, Any]:
        sees = request.user.has_perm("kb.view_hearer")
        known: dict[str, Any] = {
            "row": row,
            "state": self.state_shown(row),
            "wrong_tiers": _wrong_tiers(row),
            "right_tiers": figures.price_list(corrections.tiers(row)) if row.right else "",
            "draft": row.draft,
            "sees": sees,
        }
        if row.state != State.LISTED:
            return {**known, "figures": _so_far(row)}
        rows = list(_hearers(row)[:SHOWN])
        return {
            **known,
            "figures": _listed(row),
            "rows": [(hearer, named(hearer), state_of(hearer)) for hearer in rows] if sees else [],
            "more": max(0, row.hearers.filter(CALLERS).count() - SHOWN),
            "charges": [
                (charge, named(charge.hearer), signs.order(charge.order))
                for charge in _charges(row)[:SHOWN]
            ]
            if sees
            else [],
            "staff": [
                (hearer, state_of(hearer))
                for hearer in row.hearers.exclude(staff=None).select_related("staff")
            ],
            "work": f"{reverse('admin:kb_hearer_changelist')}?correction__id__exact={row.pk}",
        }

    # -- pages of its own ----------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("ask/", view(self.ask), name="kb_correction_ask"),
            path("<int:pk>/export/", view(self.export), name="kb_correction_export"),
            *super().get_urls(),
        ]

    def ask(self, request: HttpRequest) -> HttpResponse:
        """The form; what it is about comes with the address."""
        if not request.user.has_perm(ASK):
            raise PermissionDenied
        wrong = wrong_of(request.GET)
        if wrong is None:
            messages.warning(request, gettext("Open what was wrong, and ask from its page."))
            return HttpResponseRedirect(reverse("admin:kb_correction_changelist"))
        row = Correction(**wrong.columns())
        form = AskForm(request.POST or None, wrong=wrong)
        if request.method == "POST" and form.is_valid():
            try:
                asked = corrections.ask(wrong, **form.said, by=user_of(request), at=clock.now())
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                done = gettext("Asked. Somebody else decides under Approvals.")
                messages.success(request, done)
                return HttpResponseRedirect(page_of(asked))
        shown = {
            "form": form,
            "row": row,
            "wrong_tiers": _wrong_tiers(row),
        }
        return self.own_page(
            request, "kb/ask_correction.html", gettext("Who heard the wrong one"), shown
        )

    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody to be called back, masked, as a spreadsheet reads it."""
        if not request.user.has_perm("kb.view_hearer"):
            raise PermissionDenied
        row = Correction.objects.select_related("version").filter(pk=pk, state=State.LISTED).first()
        if row is None:
            raise Http404
        access.record(
            user_of(request),
            "view",
            row,
            field="hearers",
            reason=f"export of correction {row.pk}",
            address=request.META.get("REMOTE_ADDR"),
            at=clock.now(),
        )
        head = (
            *(gettext("Who"), gettext("Number to call"), gettext("Heard first")),
            *(
                pgettext("a correction", "Calls"),
                gettext("How"),
                pgettext("a correction", "Orders"),
            ),
            *(gettext("At stake"), gettext("State"), gettext("Outcome"), gettext("Tries")),
        )
        return HttpResponse(
            as_csv(head, map(_line, _hearers(row))),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="correction-{row.pk}.csv"'},
        )


def _of_hearers(of: Q) -> Q:
    """The same condition, asked of a correction's people."""
    return ~Q(hearers__state=Hearer.State.APART) & Q(hearers__isnull=False, hearers__staff=None)


def _hearers(row: Correction) -> QuerySet[Hearer]:
    hearings = Hearing.objects.select_related("call", "version").order_by("at")
    found = row.hearers.filter(CALLERS).select_related("customer", "staff", "taken_by")
    return found.prefetch_related(Prefetch("hearings", queryset=hearings))


def _charges(row: Correction) -> QuerySet[Charge]:
    real = Charge.objects.filter(hearer__correction=row).exclude(hearer__state=Hearer.State.APART)
    return real.select_related("order", "hearer__customer", "hearer__staff").order_by(
        "-at_stake", "order__drafted_at"
    )


def _line(hearer: Hearer) -> list[str]:
    ways = dict.fromkeys(str(one.get_way_display()) for one in hearer.hearings.all())
    number = hearer.customer.mobile if hearer.customer else hearer.phone
    return [
        named(hearer),
        story.masked_caller(number),
        moment(hearer.first_at),
        str(hearer.calls),
        listed(ways),
        str(hearer.orders),
        f"{hearer.at_stake:.2f}",
        hearer.get_state_display(),
        hearer.get_outcome_display(),
        str(hearer.tries),
    ]


def _wrong_tiers(row: Correction) -> str:
    """The price list that stood wrong, as articles quote it."""
    if row.kind == Correction.Kind.RATE and row.valid_from:
        return f"{Rate(row.figure, row.valid_from).row().percent.normalize():f}%"
    return figures.price_list(corrections.schedule_of(row).tiers) if row.valid_from else ""


def _listed(row: Correction) -> dict[str, Any]:
    """Counted of the facts."""
    people = row.hearers.filter(CALLERS).aggregate(
        people=Count("pk"),
        money=Sum("at_stake"),
        done=Count("pk", filter=~Q(state__in=Hearer.OPEN)),
        reached=Count("pk", filter=Q(state=Hearer.State.REACHED)),
    )
    heard = Hearing.objects.filter(hearer__in=row.hearers.filter(REAL), call__isnull=False)
    ways = dict(heard.order_by().values_list("way").annotate(Count("call", distinct=True)))
    return {
        **people,
        "money": people["money"] or Decimal(0),
        "calls": heard.values("call").distinct().count(),
        "orders": _charges(row).count(),
        "ways": [(way.label, ways[way]) for way in Hearing.Way if way in ways],
        "apart": row.hearers.filter(state=Hearer.State.APART).count(),
    }


def _so_far(row: Correction) -> dict[str, Any]:
    """Counted now, for who decides: nothing of it is written yet."""
    found = corrections.people(row, until=clock.now())
    real = [one for one in found if not one.is_test]
    callers = [one for one in real if one.staff_id is None]
    return {
        "people": len(callers),
        "calls": len({call for one in real for call in one.calls}),
        "orders": sum(len(one.charged) for one in real),
        "money": sum((one.at_stake for one in callers), Decimal(0)),
        "ways": _ways(real),
        "apart": len(found) - len(real),
    }


def _ways(people: Iterable[Person]) -> list[tuple[Any, int]]:
    calls: dict[str, set[int]] = {}
    for person in people:
        for one in person.heard:
            if one.call_id:
                calls.setdefault(one.way, set()).add(one.call_id)
    return [(way.label, len(calls[way])) for way in Hearing.Way if way in calls]
