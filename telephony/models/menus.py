"""Numbers and menus: data, versioned. Transactions are code; an entry names its flow."""

import pghistory
import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from live.facts import Fact
from people.models import User
from routing.models.names import local


@pghistory.track()
class Menu(models.Model):
    """A tree of menus that numbers lead to."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("menu")
        verbose_name_plural = _("menus")

    def __str__(self) -> str:
        return local(self.name, self.name_en)


@pghistory.track()
class Number(models.Model):
    """A number that callers dial (接入号), with its own greeting."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    menu = models.ForeignKey(Menu, verbose_name=_("menu"), on_delete=models.PROTECT)
    greeting = models.CharField(_("greeting"), max_length=60)  # a prompt's key
    hours = models.SlugField(
        _("opening hours"),
        max_length=40,
        blank=True,
        help_text=_("When people answer here; the services of the menu are always open."),
    )
    closed_greeting = models.CharField(
        _("greeting outside these hours"), max_length=60, default="welcome.closed"
    )
    is_active = models.BooleanField(_("in service"), default=True)

    class Meta:
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number


_PATH = [
    ("draft", "published"),
    ("draft", "dropped"),
    ("published", "retired"),
    ("retired", "published"),  # rolled back to
]


class MenuVersion(models.Model):
    """One edition of a menu. Published ones never change; calls in progress keep theirs."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")
        DROPPED = "dropped", _("dropped")  # a draft that was never published

    menu = models.ForeignKey(
        Menu, verbose_name=_("menu"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # Of the shipped plan that it began as; a plan that is offered once is not offered again.
    plan_digest = models.CharField(max_length=64, blank=True, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True)
    edited_by = models.ForeignKey(
        User,
        verbose_name=_("edited by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="menus_edited",
    )
    due_at = models.DateTimeField(_("to be published at"), null=True)
    due_by = models.ForeignKey(
        User,
        verbose_name=_("to be published by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="menus_due",
    )
    refused_at = models.DateTimeField(_("was due and not fit at"), null=True)
    published_at = models.DateTimeField(_("published at"), null=True)
    published_by = models.ForeignKey(
        User,
        verbose_name=_("published by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="menus_published",
    )

    class Meta:
        verbose_name = _("menu version")
        verbose_name_plural = _("menu versions")
        ordering = ["menu", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["menu", "number"], name="one_version_a_number"),
            models.UniqueConstraint(
                fields=["menu"], condition=Q(state="published"), name="one_published_a_menu"
            ),
            models.CheckConstraint(
                condition=Q(due_at=None, due_by=None)
                | Q(due_at__isnull=False, due_by__isnull=False, state="draft"),
                name="only_a_draft_is_due",
            ),
        ]
        triggers = [pgtrigger.FSM(name="path", field="state", transitions=_PATH)]

    def __str__(self) -> str:
        return f"{self.menu} v{self.number}"


class Publication(Fact):
    """From when on callers heard which version, and who said so."""

    version = models.ForeignKey(
        MenuVersion,
        verbose_name=_("menu version"),
        on_delete=models.PROTECT,
        related_name="publications",
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        User, verbose_name=_("published by"), null=True, on_delete=models.PROTECT
    )

    class Meta(Fact.Meta):
        verbose_name = _("publication of a menu")
        verbose_name_plural = _("publications of menus")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return str(self.version)


# A published tree is what callers heard: its rows are fixed from then on.
_FIXED = """
    IF EXISTS (
        SELECT 1 FROM telephony_menuversion
        WHERE id = {version} AND state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'a published menu version does not change';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""

# ruff: noqa: S608  # the triggers are our own words
_FIXED_ENTRY = f"""
    SELECT version_id INTO version FROM telephony_menunode
    WHERE id = COALESCE(NEW.node_id, OLD.node_id);
    {_FIXED.format(version="version")}
"""


class MenuNode(models.Model):
    """A menu that is read out; `slug` is stable across versions (statistics, recovery)."""

    version = models.ForeignKey(
        MenuVersion, verbose_name=_("version"), on_delete=models.CASCADE, related_name="nodes"
    )
    slug = models.SlugField(_("short name"), max_length=40)
    title = models.CharField(_("title"), max_length=40)
    title_en = models.CharField(_("title in English"), max_length=40, blank=True)
    is_root = models.BooleanField(_("after the language"), default=False)
    identified = models.BooleanField(_("log-in first"), default=False)
    queue = models.SlugField(_("queue of key 0"), max_length=40, blank=True)  # empty: as above

    class Meta:
        verbose_name = _("menu node")
        verbose_name_plural = _("menu nodes")
        ordering = ["version", "-is_root", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="one_node_a_slug"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(is_root=True), name="one_root_a_version"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_FIXED.format(version="COALESCE(NEW.version_id, OLD.version_id)"),
            )
        ]

    def __str__(self) -> str:
        return local(self.title, self.title_en)


class MenuEntry(models.Model):
    """A key of a menu. `0`, `9` and `*` work everywhere and are nobody's entry."""

    class Kind(models.TextChoices):
        MENU = "menu", _("menu")
        FLOW = "flow", _("flow")

    node = models.ForeignKey(
        MenuNode, verbose_name=_("menu"), on_delete=models.CASCADE, related_name="entries"
    )
    digit = models.CharField(_("menu key"), max_length=1, validators=[RegexValidator("^[1-8]$")])
    title = models.CharField(_("title"), max_length=40)
    title_en = models.CharField(_("title in English"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    target = models.ForeignKey(
        MenuNode,
        verbose_name=_("leads to"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="reached_by",
    )
    flow = models.CharField(_("flow"), max_length=40, blank=True)
    prompt = models.CharField(_("prompt"), max_length=60)

    class Meta:
        verbose_name = _("menu entry")
        verbose_name_plural = _("menu entries")
        ordering = ["node", "digit"]
        constraints = [
            models.UniqueConstraint(fields=["node", "digit"], name="one_entry_a_key"),
            models.CheckConstraint(condition=Q(digit__regex="^[1-8]$"), name="entry_key"),
            models.CheckConstraint(
                condition=Q(kind="menu", target__isnull=False, flow="")
                | (Q(kind="flow", target__isnull=True) & ~Q(flow="")),
                name="entry_leads_somewhere",
            ),
            models.CheckConstraint(condition=~Q(target=F("node")), name="entry_leads_away"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("version", "BIGINT")],
                func=_FIXED_ENTRY,
            )
        ]

    def __str__(self) -> str:
        return f"{self.digit} {self.name}"

    @property
    def name(self) -> str:
        """The title for who reads now."""
        return local(self.title, self.title_en)
