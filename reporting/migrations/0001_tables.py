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
            name='CountingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(unique=True, verbose_name='valid from')),
                ('service_level', models.CharField(choices=[('F1', '(answered + abandoned in time) ÷ (answered + abandoned)'), ('F2', 'answered in time ÷ answered'), ('F3', 'answered in time ÷ (answered + abandoned)'), ('F4', 'answered in time ÷ (answered + abandoned after the threshold)')], default='F3', max_length=2, verbose_name='service level')),
                ('short_s', models.PositiveSmallIntegerField(default=5, verbose_name='short before, seconds')),
            ],
            options={
                'verbose_name': 'counting rule',
                'verbose_name_plural': 'counting rules',
                'ordering': ['-valid_from'],
            },
        ),
        migrations.CreateModel(
            name='CountingRuleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('service_level', models.CharField(choices=[('F1', '(answered + abandoned in time) ÷ (answered + abandoned)'), ('F2', 'answered in time ÷ answered'), ('F3', 'answered in time ÷ (answered + abandoned)'), ('F4', 'answered in time ÷ (answered + abandoned after the threshold)')], default='F3', max_length=2, verbose_name='service level')),
                ('short_s', models.PositiveSmallIntegerField(default=5, verbose_name='short before, seconds')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reporting.countingrule')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kpi', models.CharField(choices=[('service_level', 'Service level'), ('connect_rate', 'Answered calls'), ('asa', 'ASA'), ('aht', 'AHT'), ('abandonment', 'Abandonment'), ('occupancy', 'Occupancy'), ('utilisation', 'Utilisation'), ('waiting', 'Callers waiting in a queue'), ('wait', 'Waiting time'), ('talk', 'Talking time'), ('hold', 'Time on hold'), ('wrap_up', 'Wrap-up time'), ('volume', 'Calls above forecast'), ('satisfaction', 'Satisfaction')], max_length=16, verbose_name='KPI')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('at_least', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='at least')),
                ('at_most', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='at most')),
                ('breach_below', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='broken below')),
                ('breach_above', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='broken above')),
            ],
            options={
                'verbose_name': 'target',
                'verbose_name_plural': 'targets',
                'ordering': ['kpi', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('kpi', 'valid_from'), name='one_target_a_day'), models.CheckConstraint(condition=models.Q(('at_least__isnull', False), ('at_most__isnull', False), _connector='OR'), name='target_has_a_bound')],
            },
        ),
        migrations.CreateModel(
            name='TargetEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kpi', models.CharField(choices=[('service_level', 'Service level'), ('connect_rate', 'Answered calls'), ('asa', 'ASA'), ('aht', 'AHT'), ('abandonment', 'Abandonment'), ('occupancy', 'Occupancy'), ('utilisation', 'Utilisation'), ('waiting', 'Callers waiting in a queue'), ('wait', 'Waiting time'), ('talk', 'Talking time'), ('hold', 'Time on hold'), ('wrap_up', 'Wrap-up time'), ('volume', 'Calls above forecast'), ('satisfaction', 'Satisfaction')], max_length=16, verbose_name='KPI')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('at_least', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='at least')),
                ('at_most', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='at most')),
                ('breach_below', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='broken below')),
                ('breach_above', models.DecimalField(blank=True, decimal_places=1, max_digits=7, null=True, verbose_name='broken above')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reporting.target')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='countingrule',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reporting_countingruleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "service_level", "short_s", "valid_from") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."service_level", NEW."short_s", NEW."valid_from"); RETURN NULL;', hash='b2f3ab22de72661f17a2f8e6e196e05cb64183e9', operation='INSERT', pgid='pgtrigger_insert_insert_fafc2', table='reporting_countingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='countingrule',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reporting_countingruleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "service_level", "short_s", "valid_from") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."service_level", NEW."short_s", NEW."valid_from"); RETURN NULL;', hash='f5d671908359987dbce62de1bed52a6d716d547f', operation='UPDATE', pgid='pgtrigger_update_update_fe42d', table='reporting_countingrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='target',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reporting_targetevent" ("at_least", "at_most", "breach_above", "breach_below", "id", "kpi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from") VALUES (NEW."at_least", NEW."at_most", NEW."breach_above", NEW."breach_below", NEW."id", NEW."kpi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."valid_from"); RETURN NULL;', hash='1c5b69946681230dff5368f5d26849e41dc4a2f1', operation='INSERT', pgid='pgtrigger_insert_insert_f6f12', table='reporting_target', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='target',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reporting_targetevent" ("at_least", "at_most", "breach_above", "breach_below", "id", "kpi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from") VALUES (NEW."at_least", NEW."at_most", NEW."breach_above", NEW."breach_below", NEW."id", NEW."kpi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."valid_from"); RETURN NULL;', hash='2cf5ded189509c9389268c8682355f14fa31db62', operation='UPDATE', pgid='pgtrigger_update_update_3cf42', table='reporting_target', when='AFTER')),
        ),
        ]),
    ]
