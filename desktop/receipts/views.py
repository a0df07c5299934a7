"""Every receipt number opens one page, for the clerk and for the agent."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from banking import signs
from banking.admin.money import told as booked
from banking.admin.money import whose
from banking.admin.parts import page_of, who
from banking.settlement_desk import blind
from calendars import clock
from complaints import cases
from complaints.models import Complaint
from desktop.receipts import finding
from desktop.receipts.finding import Found
from people import access, approvals
from people.models import User
from telephony import story

PERMISSION = "banking.view_instruction"


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The field that takes a number; a number that is one leads to its page."""
    typed = request.GET.get("number", "").strip()
    found = finding.find(typed) if typed else None
    if found is not None:
        return redirect("receipts:receipt", found.number)
    return render(request, "receipts/search.html", {**_site(request), "typed": typed})


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Call, steps, instruction, journals, and what other desks and second pairs of eyes did."""
    found = finding.find(number)
    if found is None:
        context = {**_site(request), "typed": number}
        return render(request, "receipts/search.html", context, status=404)
    user = request.user
    assert isinstance(user, User)
    _write_down(request, user, found)
    return render(request, "receipts/receipt.html", _shown(request, user, found))


def _shown(request: HttpRequest, user: User, found: Found) -> dict[str, Any]:
    order, customer = found.order, found.customer
    is_blind = blind.hides_instruction(user, order, at=clock.now())
    sees_call = user.has_perm("telephony.view_call") and not is_blind  # there it is said aloud
    rows = finding.hanging(order, user) if order else []
    sees_customer = customer is not None and user.has_perm("banking.view_customer")
    return {
        **_site(request),
        "found": found,
        "order": order,
        "is_blind": is_blind,
        "state": signs.order(order) if order else "",
        "told": signs.told(order) if order else "",
        "marks": signs.way(order) if order else (),
        "refusal": signs.refusal(order) if order else "",
        "loss_state": signs.loss(found.loss, clock.now()) if found.loss else "",
        "complaint": found.complaint if found.complaint and _sees(user, found.complaint) else None,
        "customer": who(customer),
        "customer_url": page_of(customer) if customer and sees_customer else "",
        "journals": [booked(journal) for journal in found.journals]
        if user.has_perm("banking.view_journal") and not is_blind
        else [],
        "sees_accounts": user.has_perm("banking.view_account"),
        "story": story.tell(found.call) if found.call and sees_call else None,
        "paper": found.paper,
        "others": [
            *(finding.told(row) for row in rows),
            *([finding.told(found.paper.row)] if found.paper and found.paper.may_see(user) else []),
        ],
        "approvals": [
            (row, approvals.of(row).title, approvals.of(row).summary(row))
            for row in finding.decided(found, rows)
        ]
        if user.has_perm("people.view_approval") and not is_blind
        else [],
    }


def _sees(user: User, complaint: Complaint) -> bool:
    may = user.has_perm("complaints.view_complaint")
    return may and cases.visible(user).filter(pk=complaint.pk).exists()


def _write_down(request: HttpRequest, user: User, found: Found) -> None:
    """Whose receipt it is; of money that nobody ordered, whom its journals name."""
    named = {customer for journal in found.journals for customer in whose(journal)}
    for customer in [found.customer] if found.customer else sorted(named, key=lambda c: c.pk):
        access.record(
            user,
            "view",
            customer,
            reason=_("opened receipt %(number)s") % {"number": found.number},
            address=request.META.get("REMOTE_ADDR"),
            at=clock.now(),
        )


def _site(request: HttpRequest) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": _("Receipts"), "is_fullwidth": "1"}
