"""Who reads what the bank answers, who writes it, who stands by it."""

from people.roles import Permissions, Role, may

_READ = may(
    *("kb", "category", "article", "articleversion"),
    *("procedure", "procedureversion", "script", "scriptversion"),
    do="view",
)

_WORDS = may("kb", "synonyms", do="view add change")

_READERS = (
    *(Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.COMPLAINT_HANDLER),
    *(Role.QC, Role.TRAINER, Role.BRANCH_USER),
)

_LEARN = may("kb", "opinion", "gap", "search", "articlefile", do="view")

_SEE = may("kb", "correction", do="view")
_ASK = _SEE | {"kb.ask_correction"}
# Who calls back asks and decides as well, but never the same thing.
_CALL_BACK = _ASK | may("kb", "hearer", do="view work") | {"kb.decide_correction"}

# What the centre is ruled by, everybody reads; the auditor attests nothing.
_RULED = may("kb", "regulation", "regulationversion", do="view") | {"kb.attest_regulation"}
_WHO_ATTESTED = may("kb", "attestation", do="view")

_OF_SOME: dict[Role, Permissions] = {
    **dict.fromkeys(_READERS, _READ),
    Role.SUPERVISOR: _READ | _CALL_BACK | _WHO_ATTESTED,
    Role.BACK_OFFICE: _READ | _CALL_BACK,
    Role.QC: _READ | _WHO_ATTESTED,
    Role.MENU_OWNER: _ASK,
    Role.KB_EDITOR: _READ | _WORDS | _LEARN | _SEE | {"kb.write_article"},
    Role.KB_REVIEWER: _READ
    | _WORDS
    | _LEARN
    | _ASK
    | _WHO_ATTESTED
    | {"kb.review_article"}
    | may("kb", "category", do="add change")
    | may("people", "approval", do="view"),  # what she asked
}
ROLES: dict[Role, Permissions] = {
    role: _OF_SOME.get(role, set()) | _RULED for role in Role if role != Role.AUDITOR
}
