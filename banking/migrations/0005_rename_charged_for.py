from django.db import migrations


class Migration(migrations.Migration):
    """A journal may have more parts than its fee."""

    dependencies = [("banking", "0004_atms")]

    operations = [migrations.RenameField("journal", "charged_for", "part_of")]
