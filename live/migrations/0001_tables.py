from django.db import migrations, models

from config.first_tables import FirstTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        FirstTables([
        migrations.CreateModel(
            name='Fence',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('epoch', models.BigIntegerField(default=0)),
                ('holder', models.CharField(blank=True, max_length=80)),
                ('since', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.TextField()),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        ]),
        migrations.RunSQL(
            "ALTER TABLE live_parcel SET UNLOGGED", "ALTER TABLE live_parcel SET LOGGED"
        ),
    ]
