"""The admin theme: our name, our tokens, and the side bar in the order of the work.

`static/css/tokens.css` holds every colour; here the theme's own scales are pointed at it. The
theme reads the low numbers as surfaces when it is light and as ink when it is dark.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

# Headings in the order of the work; under each what it leads to: a model's list as "app.model",
# or the name of a page with the permission that opens it. What is not installed, or what the
# reader may not see, is left out.
SIDEBAR: list[tuple[Any, list[tuple[Any, str] | tuple[Any, str, str]]]] = [
    ("", [(_("Today"), "admin:index", ""), (_("Agent's desk"), "desk:page", "routing.take_calls")]),
    (
        _("Floor"),
        [
            (_("Supervisor's floor"), "floor:floor", "routing.watch_floor"),
            (_("Wallboards"), "desktop.board"),
        ],
    ),
    (
        _("Agents and queues"),
        [
            (_("Queued callers"), "routing.queueentry"),
            (_("Offers to agents"), "routing.reservation"),
            (_("Agent states"), "routing.presence"),
            (_("Sessions"), "routing.session"),
            (_("Agents"), "routing.agent"),
            (_("Queues"), "routing.queue"),
            (_("Skills"), "routing.skill"),
            (_("Pause reasons"), "routing.pausereason"),
            (_("Waiting credits"), "routing.waitingcredit"),
            (_("Dispatcher"), "routing.dispatcher"),
            (_("Repairs"), "routing.repair"),
        ],
    ),
    (
        _("Telephony"),
        [
            (_("Calls"), "telephony.call"),
            (_("Emergency messages"), "telephony.emergencymessage"),
            (_("Products and notices"), "banking.announcement"),
            (_("Call-back requests"), "telephony.callbackrequest"),
            (_("Wrap-ups"), "telephony.wrapup"),
            (_("Wrap-up codes"), "telephony.wrapupcode"),
            (_("Menu desk"), "menudesk:newest", "telephony.view_menuversion"),
            (_("Menu versions"), "telephony.menuversion"),
            (_("Telephone banking menus"), "telephony.menu"),
            (_("Numbers"), "telephony.number"),
            (_("Emergency announcements"), "telephony.announcement"),
            (_("Languages"), "telephony.offeredlanguage"),
            (_("Prompt studio"), "studio:prompts", "telephony.view_recording"),
            (_("Studio recordings"), "telephony.recording"),
            (_("Zips of recordings"), "telephony.recordingbatch"),
            (_("Changed words"), "telephony.rewording"),
            (_("Prompts of the bank's own"), "telephony.ownprompt"),
            (_("Pronunciation"), "telephony.reading"),
            (_("Test phone"), "telephony:phone", "telephony.use_test_phone"),
            (_("Commands to the switch"), "telephony.command"),
        ],
    ),
    (
        _("Knowledge base"),
        [
            (_("Articles"), "kb.articleversion"),
            (_("Procedures"), "kb.procedureversion"),
            (_("Scripts"), "kb.scriptversion"),
            (_("Regulations"), "kb.regulationversion"),
            (_("Attestation of regulations"), "kb.attestation"),
            (_("Files of articles"), "kb.articlefile"),
            (_("Use of the knowledge base"), "kb.search"),
            (_("Knowledge gaps"), "kb.gap"),
            (_("Opinions on articles"), "kb.opinion"),
            (_("Corrections of what was wrong"), "kb.correction"),
            (_("Calls back after corrections"), "kb.hearer"),
            (_("Knowledge categories"), "kb.category"),
            (_("Words for the same thing"), "kb.synonyms"),
        ],
    ),
    (
        _("Service quality"),
        [
            (_("Complaints"), "complaints.complaint"),
            (_("Complaint categories"), "complaints.category"),
            (_("Complaint clocks"), "complaints.clockrule"),
            (_("Ratings"), "quality.rating"),
            (_("Who is asked for a rating"), "quality.askrule"),
        ],
    ),
    (
        _("Money"),
        [
            (_("Settlement desk"), "settlement:desk", "banking.work_settlement_desk"),
            (_("Approvals"), "people.approval"),
            (_("Receipts"), "receipts:search", "banking.view_instruction"),
            (_("Instructions"), "banking.instruction"),
            (_("Settlement orders"), "banking.settlementorder"),
            (_("Clearing files"), "banking.clearingfile"),
            (_("Balancing of settlement days"), "banking.settlementday"),
            (_("Customers"), "banking.customer"),
            (_("Accounts"), "banking.account"),
            (_("Deposits"), "banking.deposit"),
            (_("Notices of withdrawal"), "banking.notice"),
            (_("Ends of day"), "banking.night"),
            (_("Payees at other banks"), "banking.externalpayee"),
            (_("Loans"), "banking.loan"),
            (_("Loss reports"), "banking.lossreport"),
            (_("Password events"), "banking.pinevent"),
            (_("Wrong tries by number"), "banking.wrongtry"),
            (_("Unlock requests"), "banking.unlockrequest"),
            (_("Stops of debits by telephone"), "banking.phoneblock"),
            (_("Messages to customers"), "banking.outboxmessage"),
            (_("Journals"), "banking.journal"),
            (_("Transfer limits"), "banking.transferlimit"),
            (_("Fees"), "banking.feetier"),
            (_("Deposit rates"), "banking.depositrate"),
            (_("Deposit terms"), "banking.depositterms"),
            (_("Interest tax"), "banking.interesttax"),
            (_("Terms of loss reports"), "banking.lossterm"),
            (_("Banks"), "banking.bank"),
            (_("Exchange sessions"), "banking.exchangesession"),
            (_("Large-value hours"), "banking.largevaluehours"),
            (_("Small-value batches"), "banking.smallvaluebatch"),
            (_("Rules for transfers"), "banking.transferrule"),
            (_("Rules of the settlement desk"), "banking.deskrule"),
            (_("Systems that hand orders in"), "banking.intakeclient"),
            (_("Rules of telephone banking"), "banking.accessrule"),
            (_("Nicknames of accounts"), "banking.nicknameword"),
            (_("Loan rates"), "banking.loanrate"),
            (_("Lending terms"), "banking.lendingterm"),
            (_("Exchange rates"), "banking.exchangerate"),
            (_("Self-service machines"), "banking.atm"),
        ],
    ),
    (
        _("Fraud guard"),
        [
            (_("Held orders"), "banking.heldorder"),
            (_("Fraud cases"), "banking.fraudcase"),
            (_("Fraud decisions"), "banking.frauddecision"),
            (_("Fraud rules"), "banking.fraudrule"),
            (_("Watch list"), "banking.watchentry"),
            (_("Calls to customers"), "banking.outboundcontact"),
            (_("Bound numbers"), "banking.boundnumber"),
            (_("Terms for callers"), "banking.callerterm"),
        ],
    ),
    (
        _("Bills"),
        [
            (_("Bill payments"), "banking.billpayment"),
            (_("Days with billers"), "banking.billerday"),
            (_("Files to billers"), "banking.billerfile"),
            (_("Billers"), "banking.biller"),
            (_("Contracts with billers"), "banking.billercontract"),
        ],
    ),
    (
        _("People"),
        [
            (_("Staff and roles"), "people.user"),
            (_("Branches"), "people.branch"),
            (_("Districts"), "banking.district"),
        ],
    ),
    (
        _("Administration"),
        [
            (_("Holidays"), "calendars.specialday"),
            (_("Opening hours"), "calendars.openinghours"),
            (_("Targets"), "reporting.target"),
            (_("Counting rules"), "reporting.countingrule"),
            (_("Access log"), "people.accesslog"),
            (_("Failed tasks"), "django_q.failure"),
            (_("Scheduled tasks"), "django_q.schedule"),
        ],
    ),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar of this reader."""
    groups = []
    for title, entries in SIDEBAR:
        items = [item for entry in entries if (item := _item(request, *entry))]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _item(
    request: HttpRequest, title: Any, target: str, permission: str | None = None
) -> dict[str, Any] | None:
    if permission is None:
        app, model = target.split(".")
        target, permission = f"admin:{app}_{model}_changelist", f"{app}.view_{model}"
    try:
        link = reverse(target)
    except NoReverseMatch:
        return None
    if permission and not request.user.has_perm(permission):
        return None
    at_home = target == "admin:index"
    here = request.path == link if at_home else request.path.startswith(link)
    return {"title": title, "link": link, "active": here}


UNFOLD = {
    "SITE_TITLE": _("Bankline"),
    "SITE_HEADER": _("Pengcheng Commercial Bank"),
    "SITE_SUBHEADER": _("Customer service centre"),
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "href": "data:,"}],  # none: else a browser looks for one
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "desktop.home.dashboard",
    "STYLES": [lambda request: static("css/tokens.css"), lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin.js")],
    "COLORS": {
        "base": {
            "50": "light-dark(var(--bg), var(--ink))",
            "100": "light-dark(var(--sunken), var(--ink))",
            "200": "light-dark(var(--line), var(--ink))",
            "300": "light-dark(var(--line-2), var(--ink-2))",
            "400": "light-dark(var(--line-strong), var(--ink-3))",
            "500": "var(--ink-3)",
            "600": "light-dark(var(--ink-2), var(--line-strong))",
            "700": "light-dark(var(--ink-2), var(--line-2))",
            "800": "light-dark(var(--ink), var(--line))",
            "900": "light-dark(var(--ink), var(--surface))",
            "950": "light-dark(var(--ink), var(--bg))",
        },
        "primary": {
            "50": "var(--accent-soft)",
            "100": "var(--accent-soft)",
            "200": "var(--accent-soft)",
            "300": "var(--accent)",
            "400": "var(--accent)",
            "500": "var(--accent)",
            # Filled buttons have white words in both themes: here the accent stays dark.
            "600": "light-dark(var(--accent), #10707b)",
            "700": "light-dark(var(--accent), #0b5c66)",
            "800": "var(--accent)",
            "900": "var(--accent)",
            "950": "var(--accent)",
        },
        "font": {
            "subtle-light": "var(--ink-3)",
            "subtle-dark": "var(--ink-3)",
            "default-light": "var(--ink)",
            "default-dark": "var(--ink)",
            "important-light": "var(--ink)",
            "important-dark": "var(--ink)",
        },
    },
    "SIDEBAR": {"show_search": False, "navigation": navigation},
}
