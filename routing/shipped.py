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
    for order, (slug, name, name_en, language, when) in enumerate(QUEUES):
        skill, _made = Skill.objects.get_or_create(
            slug=slug, defaults={"name": name, "name_en": name_en}
        )
        Queue.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "name_en": name_en,
                "skill": skill,
                "language": language,
                "hours": when,
                "order": order,
            },
        )
    for order, (slug, name, name_en, limit_s) in enumerate(PAUSES):
        PauseReason.objects.get_or_create(
            slug=slug,
            defaults={"name": name, "name_en": name_en, "limit_s": limit_s, "order": order},
        )
    for slug, (name, name_en) in SYSTEM_REASONS.items():
        PauseReason.objects.get_or_create(
            slug=slug,
            defaults={"name": name, "name_en": name_en, "by_system": True, "order": 90},
        )
    for vip, seconds in CREDITS.items():
        WaitingCredit.objects.get_or_create(
            vip=vip, valid_from=bank_day(at), defaults={"seconds": seconds}
        )
