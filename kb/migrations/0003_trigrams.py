from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """What `evaluate_search` measures the search against."""

    dependencies = [("kb", "0002_history_of_wordings")]

    operations = [TrigramExtension()]
