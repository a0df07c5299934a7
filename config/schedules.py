"""What Django-Q2 runs by the clock, said anew after each migrate; due times are rows."""

from typing import Any

from django.apps import AppConfig, apps

SCHEDULES = {  # name → function, every so many minutes
    "pulse": ("config.health.beat", 1),
    "bills": ("banking.tasks.ask_billers", 1),
    "biller files": ("banking.tasks.exchange_with_billers", 10),
    "end of day": ("banking.tasks.end_of_day", 10),
    "orders due": ("banking.tasks.debit_due", 1),
    "clearing files": ("banking.tasks.exchange_clearing_files", 1),
    "settlement desk": ("banking.tasks.tend_settlement_desk", 1),
    "complaint messages": ("complaints.tasks.take_in_messages", 10),
    "articles": ("kb.tasks.turn_articles", 1),
    "meanings": ("kb.tasks.learn_meanings", 1),
    "corrections": ("kb.tasks.list_hearers", 1),
    "menus": ("telephony.tasks.publish_due", 1),
    "prompts to render": ("telephony.tasks.render", 1),
    "studio uploads": ("telephony.tasks.check_uploads", 1),
}


def arrange(sender: AppConfig, **kwargs: Any) -> None:
    """Runs once for each app; django_q's tables are there after the last."""
    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    if sender.name != last.name:
        return
    from django_q.models import Schedule

    for name, (function, minutes) in SCHEDULES.items():
        Schedule.objects.update_or_create(
            name=name,
            defaults={"func": function, "schedule_type": Schedule.MINUTES, "minutes": minutes},
        )
