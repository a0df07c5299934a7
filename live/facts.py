"""Facts: rows that are written once. Neither UPDATE nor DELETE, for anybody, by any route."""

from typing import ClassVar

import pgtrigger
from django.db import models


class Fact(models.Model):
    """Base of append-only tables; `bankline_app` lacks the rights as well (config/grants.py)."""

    append_only = True

    class Meta:
        abstract = True
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
