from django.db import migrations


class Migration(migrations.Migration):
    """One run of numbers for all receipts: six digits after the day, so a million a day."""

    dependencies = [("banking", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE public.banking_receipt MINVALUE 0 MAXVALUE 999999 START 1 CYCLE",
            "DROP SEQUENCE public.banking_receipt",
        )
    ]
