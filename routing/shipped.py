"""The skills, queues, pause reasons and credits that a new bank starts with: rows to change."""

from datetime import datetime, time

from django.db import transaction

from banking.models.customers import Vip
from calendars import hours
from calendars.clock import bank_day
from calendars.models import OpeningHours
from routing.models import PauseReason, Queue, Skill, WaitingCredit
from routing.presence import SYSTEM_REASONS

HOURS = "agents"  # 961202 answers around the clock; the desks for one subject keep these hours
OPENS, CLOSES = time(8), time(20)
# slug, name, name in English, language, opening hours
QUEUES = (
    ("general", "综合", "General", "zh", ""),
    ("card", "信用卡", "Credit cards", "zh", ""),
    ("corporate", "公司业务", "Corporate", "zh", HOURS),
    ("loan", "个贷", "Personal loans", "zh", HOURS),
    ("ebank", "电子银行", "Online banking", "zh", HOURS),
    ("complaint", "投诉", "Complaints", "zh", HOURS),
    ("english", "英语", "English", "en", ""),
    ("cantonese", "粤语", "Cantonese", "yue", ""),
)
# slug, name, name in English, limit in seconds
PAUSES = (
    ("break", "小休", "Break", 900),
    ("meal", "用餐", "Meal", 2700),
    ("training", "培训", "Training", None),
    ("meeting", "开会", "Meeting", None),
    ("paperwork", "后台处理", "Back office work", 1800),
)
CREDITS = {Vip.GOLD: 30, Vip.PLATINUM: 60, Vip.PRIVATE: 90}  # seconds; D, after Technion's 90


@transaction.atomic
def install(*, at: datetime) -> None:
    """Make what is missing; what a bank has changed stays."""
    if not OpeningHours.objects.filter(name=HOURS).exists():
        hours.set_weekly(HOURS, "人工服务", {day: [(OPENS, CLOSES)] for day in range(7)})
    Skill.objects.bulk_create(
        (Skill(slug=slug, name=name, name_en=name_en) for slug, name, name_en, *_ in QUEUES),
        ignore_conflicts=True,
    )
    skills = {skill.slug: skill for skill in Skill.objects.all()}
    Queue.objects.bulk_create(
        (
            Queue(
                slug=slug,
                name=name,
                name_en=name_en,
                skill=skills[slug],
                language=language,
                hours=when,
                order=order,
            )
            for order, (slug, name, name_en, language, when) in enumerate(QUEUES)
        ),
        ignore_conflicts=True,
    )
    PauseReason.objects.bulk_create(
        (
            PauseReason(slug=slug, name=name, name_en=name_en, limit_s=limit_s, order=order)
            for order, (slug, name, name_en, limit_s) in enumerate(PAUSES)
        ),
        ignore_conflicts=True,
    )
    PauseReason.objects.bulk_create(
        (
            PauseReason(slug=slug, name=name, name_en=name_en, by_system=True, order=90)
            for slug, (name, name_en) in SYSTEM_REASONS.items()
        ),
        ignore_conflicts=True,
    )
    WaitingCredit.objects.bulk_create(
        (
            WaitingCredit(vip=vip, valid_from=bank_day(at), seconds=seconds)
            for vip, seconds in CREDITS.items()
        ),
        ignore_conflicts=True,
    )
