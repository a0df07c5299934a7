import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from config.first_tables import FirstTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('routing', '0001_tables'),
    ]

    operations = [
        FirstTables([
        migrations.CreateModel(
            name='Board',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='name of the board')),
                ('language', models.CharField(choices=[('zh-hans', '简体中文'), ('en', 'English')], default='zh-hans', max_length=7, verbose_name='language')),
                ('secret_hash', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('queues', models.ManyToManyField(blank=True, to='routing.queue', verbose_name='queues')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='boards_revoked', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
            ],
            options={
                'verbose_name': 'wallboard',
                'verbose_name_plural': 'wallboards',
                'ordering': ['-created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__gte', models.F('created_at')), ('revoked_by__isnull', False)), _connector='OR'), name='board_revoked_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Traffic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calls_per_minute', models.PositiveSmallIntegerField(default=0, verbose_name='calls a minute')),
                ('asked_at', models.DateTimeField(null=True, verbose_name='asked')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
            ],
            options={
                'verbose_name': 'demo traffic',
                'verbose_name_plural': 'demo traffic',
                'permissions': [('run_traffic', 'Can start and stop the demo traffic')],
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_traffic'), models.CheckConstraint(condition=models.Q(('calls_per_minute__lte', 120)), name='traffic_has_a_limit')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='board',
            trigger=pgtrigger.compiler.Trigger(name='revoked_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."revoked_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='da6c5db3c469ccfec5f8123927080362a1e4fe9f', operation='UPDATE', pgid='pgtrigger_revoked_for_good_528fc', table='desktop_board', when='BEFORE')),
        ),
        ]),
    ]
