"""Agents with what each knows; skills; reasons to pause."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from banking.admin.parts import moment
from people.models import User
from people.office import OfficeAdmin
from routing.admin import parts
from routing.models import Agent, AgentSkill, PauseReason, Presence, Skill
from routing.states import State


class SkillInline(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = AgentSkill
    extra = 0


@admin.register(Agent)
class AgentAdmin(OfficeAdmin):
    """Whom a call can reach, and for what."""

    list_display = ("number", "name", "skills_shown", "is_active", "state_shown", "since_shown")
    list_display_links = ("number", "name")
    list_filter = ("is_active", "skills__skill")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__name")
    search_help_text = _("Staff number or name")
    fields = ("user", "is_active")
    inlines = (SkillInline,)

    class Media:
        css = parts.STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        now = Presence.objects.filter(agent=OuterRef("pk"), ended_at=None)
        found: QuerySet[Agent] = super().get_queryset(request)
        return found.prefetch_related("skills__skill").annotate(
            state=Subquery(now.values("state")), since=Subquery(now.values("started_at"))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user",) if obj else ()  # an agent's history stays hers

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of the staff, those whose role lets them take calls and who are no agents yet."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "user" and isinstance(field, ModelChoiceField):
            may = Q(groups__permissions__codename="take_calls")
            field.queryset = User.objects.filter(may, is_active=True, agent=None).distinct()
        return field

    @admin.display(description=_("staff number"), ordering="user__username")
    def number(self, row: Agent) -> str:
        return row.user.username

    @admin.display(description=_("full name"), ordering="user__name")
    def name(self, row: Agent) -> str:
        return row.user.name

    @admin.display(description=_("skills"))
    def skills_shown(self, row: Agent) -> str:
        """The best first: "综合 9 · 信用卡 6"."""
        known = sorted(row.skills.all(), key=lambda s: (-s.level, s.skill.slug))
        return " · ".join(str(skill) for skill in known) or "—"

    @admin.display(description=_("state"))
    def state_shown(self, row: Any) -> SafeString:
        return parts.state(row.state or State.OFFLINE)

    @admin.display(description=_("since"))
    def since_shown(self, row: Any) -> str:
        return moment(row.since)


@admin.register(Skill)
class SkillAdmin(OfficeAdmin):
    list_display = ("slug", "name", "name_en", "agents_shown")
    list_display_links = ("slug", "name")
    fields = ("slug", "name", "name_en")

    class Media:
        css = parts.STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        active = Q(agentskill__agent__is_active=True)
        found: QuerySet[Skill] = super().get_queryset(request)
        return found.annotate(agents=Count("agentskill", filter=active))

    @admin.display(description=_("agents"), ordering="agents")
    def agents_shown(self, row: Any) -> SafeString:
        return parts.right(row.agents)


@admin.register(PauseReason)
class PauseReasonAdmin(OfficeAdmin):
    """What an agent may choose from. What the system sets can be renamed, not taken away."""

    list_display = ("slug", "name", "name_en", "limit_shown", "by_system", "is_active", "order")
    list_display_links = ("slug", "name")
    fields = ("slug", "name", "name_en", "limit_s", "is_active", "order")

    class Media:
        css = parts.STYLES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("slug", "is_active") if obj.by_system else ("slug",)

    @admin.display(description=_("limit"), ordering="limit_s")
    def limit_shown(self, row: PauseReason) -> SafeString:
        return parts.right("—") if row.limit_s is None else parts.minutes(row.limit_s)
