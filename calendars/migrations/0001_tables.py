import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from config.first_tables import FirstTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        FirstTables([
        migrations.CreateModel(
            name='ExceptionalSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='date')),
                ('opens', models.TimeField(blank=True, null=True, verbose_name='opens')),
                ('closes', models.TimeField(blank=True, help_text='Without times it is closed all day.', null=True, verbose_name='closes')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='note')),
            ],
            options={
                'verbose_name': 'exception',
                'verbose_name_plural': 'exceptions',
                'ordering': ['day', 'opens'],
            },
        ),
        migrations.CreateModel(
            name='OpeningHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=40, unique=True, verbose_name='short name')),
                ('title', models.CharField(max_length=40, verbose_name='title')),
                ('on_holidays', models.CharField(choices=[('usual', 'as on any such weekday'), ('closed', 'closed; make-up workdays as Mondays')], default='usual', max_length=6, verbose_name='on holidays')),
            ],
            options={
                'verbose_name': 'opening hours',
                'verbose_name_plural': 'opening hours',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='SpecialDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='date')),
                ('kind', models.CharField(choices=[('holiday', 'holiday'), ('workday', 'make-up workday')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=20, verbose_name='name')),
            ],
            options={
                'verbose_name': 'holiday or make-up workday',
                'verbose_name_plural': 'holidays and make-up workdays',
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='ExceptionalSpanEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('day', models.DateField(verbose_name='date')),
                ('opens', models.TimeField(blank=True, null=True, verbose_name='opens')),
                ('closes', models.TimeField(blank=True, help_text='Without times it is closed all day.', null=True, verbose_name='closes')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='note')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='calendars.exceptionalspan')),
                ('hours', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='calendars.openinghours')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='exceptionalspan',
            name='hours',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='calendars.openinghours'),
        ),
        migrations.AddConstraint(
            model_name='exceptionalspan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closes', None), ('opens', None)), models.Q(('closes__isnull', False), ('opens__isnull', False), models.Q(('closes__gt', models.F('opens')), ('closes', '00:00'), _connector='OR')), _connector='OR'), name='exception_closes_later'),
        ),
        migrations.AddConstraint(
            model_name='exceptionalspan',
            constraint=models.UniqueConstraint(fields=('hours', 'day', 'opens'), name='exception_once', nulls_distinct=False),
        ),
        migrations.CreateModel(
            name='OpeningHoursEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.SlugField(db_index=False, max_length=40, verbose_name='short name')),
                ('title', models.CharField(max_length=40, verbose_name='title')),
                ('on_holidays', models.CharField(choices=[('usual', 'as on any such weekday'), ('closed', 'closed; make-up workdays as Mondays')], default='usual', max_length=6, verbose_name='on holidays')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='calendars.openinghours')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SpecialDayEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('day', models.DateField(verbose_name='date')),
                ('kind', models.CharField(choices=[('holiday', 'holiday'), ('workday', 'make-up workday')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=20, verbose_name='name')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='calendars.specialday')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WeeklySpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], verbose_name='weekday')),
                ('opens', models.TimeField(verbose_name='opens')),
                ('closes', models.TimeField(help_text="00:00 is midnight at the day's end.", verbose_name='closes')),
                ('hours', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='weekly', to='calendars.openinghours')),
            ],
            options={
                'verbose_name': 'weekly hours',
                'verbose_name_plural': 'weekly hours',
                'ordering': ['weekday', 'opens'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens')), ('closes', '00:00'), _connector='OR'), name='weekly_closes_later'), models.UniqueConstraint(fields=('hours', 'weekday', 'opens'), name='weekly_once')],
            },
        ),
        migrations.CreateModel(
            name='WeeklySpanEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], verbose_name='weekday')),
                ('opens', models.TimeField(verbose_name='opens')),
                ('closes', models.TimeField(help_text="00:00 is midnight at the day's end.", verbose_name='closes')),
                ('hours', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='calendars.openinghours')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='calendars.weeklyspan')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openinghours',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "calendars_openinghoursevent" ("id", "name", "on_holidays", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title") VALUES (NEW."id", NEW."name", NEW."on_holidays", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."title"); RETURN NULL;', hash='8b708f4ad39eacdd73233eb2b43da97b928ad579', operation='INSERT', pgid='pgtrigger_insert_insert_b1b38', table='calendars_openinghours', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openinghours',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "calendars_openinghoursevent" ("id", "name", "on_holidays", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title") VALUES (NEW."id", NEW."name", NEW."on_holidays", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."title"); RETURN NULL;', hash='ff19cdf6de9b4224cb94f4d6738015f22f9c8a6e', operation='UPDATE', pgid='pgtrigger_update_update_fc2a0', table='calendars_openinghours', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='specialday',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "calendars_specialdayevent" ("day", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."day", NEW."id", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='da598be83c99fffe1051782822b85d18adbec5b8', operation='INSERT', pgid='pgtrigger_insert_insert_4fb37', table='calendars_specialday', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='specialday',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "calendars_specialdayevent" ("day", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."day", NEW."id", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='35301069c151da19df21fcc5834117aeb930e3b5', operation='UPDATE', pgid='pgtrigger_update_update_aceb2', table='calendars_specialday', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionalspan',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "calendars_exceptionalspanevent" ("closes", "day", "hours_id", "id", "note", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."closes", NEW."day", NEW."hours_id", NEW."id", NEW."note", NEW."opens", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='4c34c8873cf896becd2b0cb6ba03f1a226baaf57', operation='INSERT', pgid='pgtrigger_insert_insert_8e872', table='calendars_exceptionalspan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionalspan',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "calendars_exceptionalspanevent" ("closes", "day", "hours_id", "id", "note", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."closes", NEW."day", NEW."hours_id", NEW."id", NEW."note", NEW."opens", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='acce93cbe0be5e374920c1e0609931424f4d7d21', operation='UPDATE', pgid='pgtrigger_update_update_46027', table='calendars_exceptionalspan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionalspan',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "calendars_exceptionalspanevent" ("closes", "day", "hours_id", "id", "note", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."closes", OLD."day", OLD."hours_id", OLD."id", OLD."note", OLD."opens", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='ef4176625bed23b51cd22e4606fbe9313be06cc7', operation='DELETE', pgid='pgtrigger_delete_delete_ffab3', table='calendars_exceptionalspan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='weeklyspan',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "calendars_weeklyspanevent" ("closes", "hours_id", "id", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "weekday") VALUES (NEW."closes", NEW."hours_id", NEW."id", NEW."opens", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."weekday"); RETURN NULL;', hash='dd0fd623af3ead17189c765d471f27c5ff617261', operation='INSERT', pgid='pgtrigger_insert_insert_8ad26', table='calendars_weeklyspan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='weeklyspan',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "calendars_weeklyspanevent" ("closes", "hours_id", "id", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "weekday") VALUES (NEW."closes", NEW."hours_id", NEW."id", NEW."opens", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."weekday"); RETURN NULL;', hash='8bcbb33b57801f985dada8104a166f1e13d4eddb', operation='UPDATE', pgid='pgtrigger_update_update_e94c7', table='calendars_weeklyspan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='weeklyspan',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "calendars_weeklyspanevent" ("closes", "hours_id", "id", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "weekday") VALUES (OLD."closes", OLD."hours_id", OLD."id", OLD."opens", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."weekday"); RETURN NULL;', hash='0b941dce220d4c4e895c0a41dad111a6603dfec5', operation='DELETE', pgid='pgtrigger_delete_delete_3b531', table='calendars_weeklyspan', when='AFTER')),
        ),
        ]),
    ]
