"""Knowledge: read by who serves customers, written by editors, published by reviewers."""

from people.roles import Role
from tests.people.expected import EVERYBODY, NOBODY, crud

WRITE = frozenset({Role.KB_EDITOR})
REVIEW = frozenset({Role.KB_REVIEWER})
READ = (
    WRITE
    | REVIEW
    | {
        *(Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.COMPLAINT_HANDLER),
        *(Role.QC, Role.TRAINER, Role.BRANCH_USER, Role.AUDITOR),
    }
)
VERBS = {
    **dict.fromkeys(("revise", "mark", "submit", "drop", "verify"), WRITE),
    **dict.fromkeys(("approve", "send_back", "withdraw"), REVIEW),
    "hand_over": WRITE | REVIEW,  # a writer what is hers
}
GUIDE = {
    **dict.fromkeys(("revise", "submit", "drop"), WRITE),
    **dict.fromkeys(("approve", "send_back", "withdraw"), REVIEW),
}

WHO_ATTESTED = REVIEW | {Role.SUPERVISOR, Role.QC, Role.AUDITOR}
ATTEST = EVERYBODY - {Role.AUDITOR}
RULE = {**GUIDE, "attest": ATTEST}

CALL_BACK = frozenset({Role.SUPERVISOR, Role.BACK_OFFICE})
ASK = CALL_BACK | REVIEW | {Role.MENU_OWNER}
SEE = ASK | WRITE | {Role.AUDITOR}
CALLS_BACK = ("take", "tried", "reached", "give_up", "put_back")

LEARN = WRITE | REVIEW | {Role.AUDITOR}
ANSWERS = {
    "kb.gap": ("write", "dismiss"),
    "kb.opinion": ("take_up", "decline"),
    "kb.articlefile": ("take", "leave"),
}

PAGES = {
    # Its people are shown to who may see them; what it comes to, to all of these.
    **crud("kb", "correction", look=SEE),
    "admin:kb_correction_ask": ASK,
    "admin:kb_correction_export": CALL_BACK | {Role.AUDITOR},
    **crud("kb", "hearer", look=CALL_BACK | {Role.AUDITOR}),
    **{f"admin:kb_hearer_{verb}": NOBODY for verb in CALLS_BACK},
    **crud("kb", "gap", look=LEARN),
    **crud("kb", "search", look=LEARN),
    **crud("kb", "opinion", look=LEARN),
    **crud("kb", "articlefile", look=LEARN, add=WRITE),
    **{
        f"admin:{model.replace('.', '_')}_{verb}": NOBODY
        for model, verbs in ANSWERS.items()
        for verb in verbs
    },
    **crud("kb", "category", look=READ, add=REVIEW),
    **crud("kb", "articleversion", look=READ, add=WRITE),
    **crud("kb", "procedureversion", look=READ, add=WRITE),
    **{f"admin:kb_procedureversion_{verb}": NOBODY for verb in GUIDE},
    **crud("kb", "regulationversion", look=EVERYBODY, add=WRITE),
    **{f"admin:kb_regulationversion_{verb}": NOBODY for verb in RULE},
    **crud("kb", "attestation", look=WHO_ATTESTED),
    "admin:kb_attestation_export": WHO_ATTESTED,
    **crud("kb", "scriptversion", look=READ, add=WRITE),
    **{f"admin:kb_scriptversion_{verb}": NOBODY for verb in GUIDE},
    "admin:kb_articleversion_export": WRITE | REVIEW,
    "kb:file": READ,  # that goes with an article
    **crud("kb", "synonyms", look=WRITE | REVIEW | {Role.AUDITOR}, add=WRITE | REVIEW),
    # Asked of an article that is none, as here, they are refused to everybody.
    **{f"admin:kb_articleversion_{verb}": NOBODY for verb in VERBS},
}

ACTIONS = {
    "kb.articleversion:submit_many": WRITE,
    "kb.articleversion:approve_many": REVIEW,
    **{f"kb.articleversion:{verb}": roles for verb, roles in VERBS.items()},
    **{f"kb.hearer:{verb}": CALL_BACK for verb in CALLS_BACK},
    **{f"kb.procedureversion:{verb}": who for verb, who in GUIDE.items()},
    **{f"kb.regulationversion:{verb}": who for verb, who in RULE.items()},
    **{f"kb.scriptversion:{verb}": who for verb, who in GUIDE.items()},
    **{f"{model}:{verb}": WRITE for model, verbs in ANSWERS.items() for verb in verbs},
}

_HELP = ("index", "category", "article", "file")
_API = ("categories", "articles", "article", "schema")
PUBLIC = dict.fromkeys(
    (
        *(f"{space}:{page}" for space in ("help", "help-en") for page in _HELP),
        *(f"help-api:{page}" for page in _API),
        "robots",
    ),
    EVERYBODY,
)
