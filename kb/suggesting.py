"""What an agent will be asked next: by what her caller did, and by what she does for her."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from banking.models import Account
from banking.models.loans import Product as LoanProduct
from kb.models import ArticleVersion, ProcedureVersion, Reading
from kb.search.context import Context
from telephony import attended
from telephony.models import AgentDeed, Call, MenuEntry, Step

MOST = 5
MOST_PROCEDURES = 2
LATELY = timedelta(days=30)  # whose readings say what is asked most
NEWS = timedelta(days=7)
# What articles call it, by the kind of her account and, of a loan, by its product.
CALLED = {
    Account.Kind.NOTICE: ("通知存款",),
    Account.Kind.TIME: ("整存整取", "定期"),
    Account.Kind.INSTALMENT: ("零存整取",),
    Account.Kind.DRAWING: ("存本取息",),
    LoanProduct.HOME: ("房贷", "住房贷款"),
    LoanProduct.CONSUMER: ("消费贷",),
    LoanProduct.BUSINESS: ("经营贷",),
}


def flows_of(call: Call) -> list[str]:
    """The services it is about, the most telling first: what her agent did for her, what she
    herself began in the IVR, both the newest first, and what the menu offers where she stood."""
    deeds = AgentDeed.objects.filter(call=call).order_by("-id").values_list("service", flat=True)
    served = (attended.of(name) for name in deeds)
    steps = Step.objects.filter(call=call).exclude(flow="").order_by("-seq")
    offered = MenuEntry.objects.filter(node__version=call.menu_id, node__slug=call.menu_node)
    every: Iterable[str] = chain(
        (flow for service in served if service for flow in service.flows),
        steps.values_list("flow", flat=True),
        offered.exclude(flow="").order_by("digit").values_list("flow", flat=True),
    )
    return list(dict.fromkeys(every))


def context_of(call: Call) -> Context:
    """What a search may know of it."""
    services = frozenset(flows_of(call))
    if call.customer_id is None:
        return Context(services=services)
    # The bank's own customers are persons.
    personal = ArticleVersion.Customers.PERSONAL
    return Context(services=services, holds=held_by(call.customer_id), customers=personal)


def held_by(customer_id: int) -> frozenset[str]:
    """Her deposits and loans, in the words of articles."""
    open_ = Account.objects.filter(customer=customer_id).exclude(status=Account.Status.CLOSED)
    kinds = open_.values_list(Coalesce("loan__product", "kind"), flat=True)
    return frozenset(chain.from_iterable(CALLED.get(kind, ()) for kind in kinds))


def of_flows(flows: Sequence[str], *, at: datetime, limit: int = MOST) -> list[ArticleVersion]:
    """Articles of these services: those of the first first, of one the most read of late."""
    if not flows:
        return []
    read = (
        Reading.objects.filter(version__article=OuterRef("article"), at__gt=at - LATELY)
        .order_by()
        .values("version__article")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found = (
        ArticleVersion.objects.in_force(at)
        .filter(services__overlap=list(flows))
        .select_related("article__category")
        .annotate(read=Coalesce(Subquery(read), 0))
    )
    rank = {flow: place for place, flow in enumerate(flows)}

    def place(version: ArticleVersion) -> tuple[int, int, int, int, str]:
        """Of two that are read alike, what names the service earlier is more about it."""
        first, named = min((rank[f], n) for n, f in enumerate(version.services) if f in rank)
        read: int = version.read  # type: ignore[attr-defined]  # of the query
        return first, -read, named, len(version.services), version.article.key

    return sorted(found, key=place)[:limit]


def procedures(
    flows: Sequence[str], holds: Collection[str] = (), *, limit: int = MOST_PROCEDURES
) -> list[ProcedureVersion]:
    """Of these services, those of the first first; then of products that she holds."""
    rank = {flow: place for place, flow in enumerate(flows)}
    placed = []
    for version in ProcedureVersion.objects.filter(state=ProcedureVersion.State.PUBLISHED):
        named = " ".join((version.title, *version.keywords))
        if found := [(rank[f], n) for n, f in enumerate(version.services) if f in rank]:
            placed.append((*min(found), len(version.services), version.pk, version))
        elif any(word in named for word in holds):
            placed.append((len(rank), 0, len(version.services), version.pk, version))
    return [row[-1] for row in sorted(placed, key=lambda row: row[:-1])[:limit]]


def news(*, at: datetime, limit: int = MOST) -> list[ArticleVersion]:
    """What people of the bank published in the last days, the newest first."""
    found = ArticleVersion.objects.in_force(at).filter(~Q(author=None), valid_from__gt=at - NEWS)
    return list(found.select_related("article__category").order_by(F("valid_from").desc())[:limit])
