"""What the search knows of how callers speak, as editors keep it."""

from django.apps import apps
from django.db.models import Count, Max

from kb import shipped
from kb.models import Synonyms
from kb.search.language import Language


def language() -> Language:
    """Of the groups in use; before a bank has any, of those that ship."""
    kept = list(Synonyms.objects.all())
    if not kept:
        return Language(shipped.synonyms())
    return Language([(group.word, *group.others) for group in kept if group.is_active])


def stamp() -> tuple[int, int]:
    """Another one after each change, in whatever order two of them are committed."""
    events = apps.get_model("kb", "SynonymsEvent")._default_manager
    found = events.aggregate(last=Max("pgh_id"), count=Count("pgh_id"))
    return found["last"] or 0, found["count"]
