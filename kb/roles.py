"""Who reads what the bank answers, who writes it, who stands by it."""

from people.roles import Permissions, Role, may

_READ = may("kb", "category", "article", "articleversion", do="view")

_WORDS = may("kb", "synonyms", do="view add change")

_READERS = (
    *(Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.COMPLAINT_HANDLER),
    *(Role.QC, Role.TRAINER, Role.BRANCH_USER),
)

_LEARN = may("kb", "opinion", "gap", "search", do="view")

ROLES: dict[Role, Permissions] = {
    **dict.fromkeys(_READERS, _READ),
    Role.KB_EDITOR: _READ | _WORDS | _LEARN | {"kb.write_article"},
    Role.KB_REVIEWER: (
        _READ | _WORDS | _LEARN | {"kb.review_article"} | may("kb", "category", do="add change")
    ),
}
