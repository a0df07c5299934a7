"""What a version means to the search that knows meaning; made again at any time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.models.articles import ArticleVersion


class Meaning(models.Model):
    """Vectors of a version (kb/search/vectors.py), read once for all processes."""

    version = models.OneToOneField(
        ArticleVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="meaning"
    )
    model = models.CharField(max_length=40)  # whose vectors they are
    asked = models.BinaryField()
    says = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.version_id} {self.model}"
