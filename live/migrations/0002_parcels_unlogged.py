from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("live", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE live_parcel SET UNLOGGED", "ALTER TABLE live_parcel SET LOGGED"
        )
    ]
