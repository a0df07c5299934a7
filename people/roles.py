"""The roles and what each may do: groups built from one table in code, deny by default.

Each app says in its own `roles.py` what a role may do there (``ROLES``: role → permissions as
"app.codename"); `sync` makes the database say exactly that after each migrate. People get
roles, never single permissions.
"""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db import transaction
from django.db.models import TextChoices
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The value names the group in the database, the label is what people read."""

    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    MENU_OWNER = "menu_owner", _("Menu owner")
    BACK_OFFICE = "back_office", _("Back office clerk")
    SETTLEMENT_MAKER = "settlement_maker", _("Settlement maker")
    SETTLEMENT_CHECKER = "settlement_checker", _("Settlement checker")
    QC = "qc", _("Quality controller")
    TRAINER = "trainer", _("Trainer")
    KB_EDITOR = "kb_editor", _("Knowledge editor")
    KB_REVIEWER = "kb_reviewer", _("Knowledge reviewer")
    COMPLAINT_HANDLER = "complaint_handler", _("Complaint handler")
    BRANCH_USER = "branch_user", _("Branch clerk")
    MARKETER = "marketer", _("Marketer")
    PLANNER = "planner", _("Planner")
    AUDITOR = "auditor", _("Auditor")  # reads all, changes nothing
    ADMINISTRATOR = "administrator", _("Administrator")  # configures, sees no customer data


Permissions = set[str]  # "app.codename"


def may(app: str, *models: str, do: str) -> Permissions:
    """``may("people", "user", "branch", do="view change")`` as permissions."""
    return {f"{app}.{verb}_{model}" for verb in do.split() for model in models}


_KNOWN_TO_ALL = may("people", "branch", do="view")

ROLES: dict[Role, Permissions] = {role: set(_KNOWN_TO_ALL) for role in Role}
# Each sees there what her own role asks or decides (`people.approvals.visible`).
for _role in (
    *(Role.BACK_OFFICE, Role.SUPERVISOR, Role.BRANCH_USER),
    *(Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER, Role.MENU_OWNER),
):
    ROLES[_role] |= may("people", "approval", do="view")
ROLES[Role.ADMINISTRATOR] |= (
    may("people", "user", do="view add change")
    | may("people", "branch", do="add change")
    | may("django_q", "failure", "schedule", do="view")
)


class UnknownPermission(LookupError):
    """The table names a permission that no installed model has."""


def table() -> dict[Role, frozenset[str]]:
    """What each role may do, over all installed apps."""
    granted: dict[Role, set[str]] = {role: set() for role in Role}
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "roles"):
            for role, permissions in import_module(f"{app.name}.roles").ROLES.items():
                granted[Role(role)] |= permissions
    granted[Role.AUDITOR] = {
        f"{model._meta.app_label}.view_{model._meta.model_name}" for model in apps.get_models()
    }
    return {role: frozenset(permissions) for role, permissions in granted.items()}


@transaction.atomic
def sync() -> None:
    """Make the groups say exactly what the table says. Raises UnknownPermission."""
    from django.contrib.auth.models import Group, Permission

    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role, permissions in table().items():
        if missing := sorted(permissions - known.keys()):
            raise UnknownPermission(f"{role}: {', '.join(missing)}")
        group, _made = Group.objects.get_or_create(name=role.value)
        group.permissions.set([known[permission] for permission in permissions])
    Group.objects.exclude(name__in=Role.values).delete()


def sync_after_migrate(sender: AppConfig, **kwargs: Any) -> None:
    """post_migrate speaks once for each app; after the last one all permissions exist."""
    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    if sender.name == last.name:
        sync()
