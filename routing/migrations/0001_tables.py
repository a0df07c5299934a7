import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

from config.first_tables import FirstTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        BtreeGistExtension(),
        FirstTables([
        migrations.CreateModel(
            name='Agent',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='staff')),
                ('is_active', models.BooleanField(default=True, verbose_name='takes calls')),
            ],
            options={
                'verbose_name': 'agent',
                'verbose_name_plural': 'agents',
                'ordering': ['user__username'],
                'permissions': [('take_calls', 'Can sign in as an agent and take calls'), ('watch_floor', 'Can watch the floor')],
            },
        ),
        migrations.CreateModel(
            name='Dispatcher',
            fields=[
                ('name', models.CharField(default='dispatcher', max_length=20, primary_key=True, serialize=False)),
                ('holder', models.CharField(max_length=80, verbose_name='held by')),
                ('beat_at', models.DateTimeField(verbose_name='last beat')),
                ('round_ms', models.DecimalField(decimal_places=1, max_digits=9, verbose_name='last round, ms')),
                ('rounds', models.BigIntegerField(default=0, verbose_name='rounds')),
                ('waiting', models.PositiveIntegerField(default=0, verbose_name='callers waiting')),
                ('ready', models.PositiveIntegerField(default=0, verbose_name='agents ready')),
            ],
            options={
                'verbose_name': 'dispatcher',
                'verbose_name_plural': 'dispatcher',
            },
        ),
        migrations.CreateModel(
            name='PauseReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=20, unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=20, verbose_name='name')),
                ('name_en', models.CharField(max_length=40, verbose_name='name in English')),
                ('limit_s', models.PositiveIntegerField(blank=True, null=True, verbose_name='limit, seconds')),
                ('by_system', models.BooleanField(default=False, verbose_name='set by the system')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
            ],
            options={
                'verbose_name': 'pause reason',
                'verbose_name_plural': 'pause reasons',
                'ordering': ['order', 'slug'],
            },
        ),
        migrations.CreateModel(
            name='Queue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(max_length=40, verbose_name='name in English')),
                ('language', models.CharField(default='zh', max_length=3, verbose_name='language')),
                ('hours', models.SlugField(blank=True, max_length=40, verbose_name='opening hours')),
                ('threshold_s', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1)], verbose_name='service level within, seconds')),
                ('target_pct', models.PositiveSmallIntegerField(default=80, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='service level target, %')),
                ('ring_s', models.PositiveSmallIntegerField(default=15, validators=[django.core.validators.MinValueValidator(5)], verbose_name='rings for, seconds')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
            ],
            options={
                'verbose_name': 'queue',
                'verbose_name_plural': 'queues',
                'ordering': ['order', 'slug'],
            },
        ),
        migrations.CreateModel(
            name='Skill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=40, verbose_name='name in English')),
            ],
            options={
                'verbose_name': 'skill',
                'verbose_name_plural': 'skills',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='AgentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('is_active', models.BooleanField(default=True, verbose_name='takes calls')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='routing.agent')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='staff')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AgentSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9)], verbose_name='level')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skills', to='routing.agent', verbose_name='agent')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.skill', verbose_name='skill')),
            ],
            options={
                'verbose_name': 'skill of an agent',
                'verbose_name_plural': 'skills of agents',
                'ordering': ['agent', 'skill'],
                'constraints': [models.UniqueConstraint(fields=('agent', 'skill'), name='one_level_a_skill'), models.CheckConstraint(condition=models.Q(('level__range', (1, 9))), name='skill_level_1_to_9')],
            },
        ),
        migrations.CreateModel(
            name='PauseReasonEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('slug', models.SlugField(db_index=False, max_length=20, verbose_name='short name')),
                ('name', models.CharField(max_length=20, verbose_name='name')),
                ('name_en', models.CharField(max_length=40, verbose_name='name in English')),
                ('limit_s', models.PositiveIntegerField(blank=True, null=True, verbose_name='limit, seconds')),
                ('by_system', models.BooleanField(default=False, verbose_name='set by the system')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='routing.pausereason')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='QueueEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call_ref', models.UUIDField(verbose_name='call')),
                ('node', models.CharField(max_length=40, verbose_name='switch')),
                ('caller', models.CharField(blank=True, max_length=32, verbose_name='caller')),
                ('customer_id', models.BigIntegerField(null=True, verbose_name='customer')),
                ('vip', models.CharField(blank=True, choices=[('ordinary', 'ordinary'), ('gold', 'gold'), ('platinum', 'platinum'), ('private', 'private banking')], max_length=10, verbose_name='customer level')),
                ('language', models.CharField(default='zh', max_length=3, verbose_name='language')),
                ('is_test', models.BooleanField(default=False, verbose_name='test call')),
                ('entered_at', models.DateTimeField(verbose_name='asked for a person')),
                ('credited_at', models.DateTimeField(verbose_name='counts as waiting since')),
                ('state', models.CharField(choices=[('waiting', 'waits'), ('offered', 'offered to an agent'), ('talking', 'with an agent'), ('ended', 'ended')], default='waiting', max_length=8, verbose_name='state')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered by an agent at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('outcome', models.CharField(blank=True, choices=[('answered', 'answered'), ('abandoned', 'abandoned'), ('callback', 'asked for a call-back'), ('overflow', 'sent to another queue while waiting')], max_length=10, verbose_name='outcome')),
                ('returned', models.PositiveSmallIntegerField(default=0, verbose_name='times back in the queue')),
                ('after', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='routing.queueentry', verbose_name='transferred from')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='routing.agent', verbose_name='answered by')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.queue', verbose_name='queue')),
            ],
            options={
                'verbose_name': 'queued caller',
                'verbose_name_plural': 'queued callers',
                'ordering': ['-entered_at'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['queue', 'credited_at'], name='waits'), models.Index(condition=models.Q(('ended_at', None)), fields=['node'], name='entry_live'), models.Index(fields=['entered_at'], name='routing_que_entered_3ba7ac_idx'), models.Index(condition=models.Q(('outcome', 'answered')), fields=['queue', '-ended_at'], name='talks'), models.Index(fields=['customer_id', '-entered_at'], name='routing_que_custome_a7a531_idx'), models.Index(fields=['call_ref'], name='routing_que_call_re_8065cc_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('call_ref',), name='one_wish_a_call'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'ended'), models.Q(('outcome', ''), _negated=True)), models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_at', None), ('outcome', '')), _connector='OR'), name='an_end_has_an_outcome'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'answered'), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='answered_by_somebody'), models.CheckConstraint(condition=models.Q(('answered_at', None), ('answered_at__gte', models.F('entered_at')), _connector='OR'), name='answered_after_entry'), models.CheckConstraint(condition=models.Q(('ended_at', None), models.Q(('ended_at__gte', models.F('entered_at')), models.Q(('answered_at', None), ('ended_at__gte', models.F('answered_at')), _connector='OR')), _connector='OR'), name='entry_ends_after_all')],
            },
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('offline', 'Offline'), ('ready', 'Ready'), ('reserved', 'Reserved'), ('ringing', 'Ringing'), ('talking', 'Talking'), ('held', 'On hold'), ('wrap_up', 'Wrap-up'), ('paused', 'Paused')], max_length=8, verbose_name='state')),
                ('started_at', models.DateTimeField(verbose_name='since')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='until')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presences', to='routing.agent', verbose_name='agent')),
                ('reason', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='routing.pausereason', verbose_name='reason')),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='presences', to='routing.queueentry', verbose_name='caller')),
            ],
            options={
                'verbose_name': 'agent state',
                'verbose_name_plural': 'agent states',
                'ordering': ['-started_at', '-id'],
                'indexes': [models.Index(fields=['agent', '-started_at'], name='routing_pre_agent_i_ec9d85_idx'), models.Index(fields=['started_at'], name='routing_pre_started_4713ae_idx'), models.Index(fields=['entry'], name='routing_pre_entry_i_b28d8b_idx'), models.Index(condition=models.Q(('ended_at', None)), fields=['state'], name='presence_now')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('agent',), name='one_state_at_a_time'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='presence_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('reason__isnull', False), ('state', 'paused')), models.Q(models.Q(('state', 'paused'), _negated=True), ('reason', None)), _connector='OR'), name='a_pause_has_a_reason'), models.CheckConstraint(condition=models.Q(('entry', None), ('state__in', ['reserved', 'ringing', 'talking', 'held', 'wrap_up']), _connector='OR'), name='presence_caller_only_in_a_call'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('agent', '='), (models.Func(models.F('started_at'), models.F('ended_at'), django.contrib.postgres.fields.ranges.RangeBoundary(), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='presence_no_overlap')],
            },
        ),
        migrations.CreateModel(
            name='Repair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('kind', models.CharField(choices=[('expired', 'a lease that ran out'), ('no_channel', 'a caller without a channel'), ('no_leg', 'an agent in a call without a leg'), ('stray_leg', 'a leg without a reservation'), ('no_pulse', 'an agent whose page was lost')], max_length=12, verbose_name='kind')),
                ('subject', models.CharField(max_length=80, verbose_name='subject')),
                ('facts', models.JSONField(default=dict, verbose_name='what was seen')),
            ],
            options={
                'verbose_name': 'repair',
                'verbose_name_plural': 'repairs',
                'ordering': ['-at'],
                'abstract': False,
                'indexes': [models.Index(fields=['-at'], name='routing_rep_at_b1721c_idx')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tab', models.UUIDField(verbose_name='browser tab')),
                ('started_at', models.DateTimeField(verbose_name='signed in')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='signed out')),
                ('heartbeat_at', models.DateTimeField(verbose_name='last heard of')),
                ('phone_at', models.DateTimeField(null=True, verbose_name='phone last registered')),
                ('sip_hash', models.CharField(blank=True, max_length=32)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='routing.agent', verbose_name='agent')),
                ('pause_wanted', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='routing.pausereason', verbose_name='pauses after this call')),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'ordering': ['-started_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('agent',), name='one_session_an_agent')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leg', models.UUIDField(unique=True, verbose_name="agent's channel")),
                ('made_at', models.DateTimeField(verbose_name='offered at')),
                ('expires_at', models.DateTimeField(verbose_name='lease ends')),
                ('rung_at', models.DateTimeField(null=True, verbose_name='rung at')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered by an agent at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('end', models.CharField(blank=True, choices=[('answered', 'answered, and over'), ('timed_out', 'not answered in time'), ('declined', 'declined'), ('unreachable', 'phone not reachable'), ('caller_left', 'the caller left'), ('leg_lost', "the agent's line was lost"), ('repaired', 'put right by the reconciler')], max_length=12, verbose_name='end')),
                ('among', models.PositiveSmallIntegerField(default=1, verbose_name='agents able')),
                ('level', models.PositiveSmallIntegerField(default=1, verbose_name='her level')),
                ('waited_s', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='caller waited, seconds')),
                ('credit_s', models.PositiveIntegerField(default=0, verbose_name='credit, seconds')),
                ('idle_s', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='agent idle, seconds')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.agent', verbose_name='agent')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='routing.queueentry', verbose_name='caller')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.session', verbose_name='session')),
            ],
            options={
                'verbose_name': 'offer to an agent',
                'verbose_name_plural': 'offers to agents',
                'ordering': ['-made_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('agent',), name='one_caller_an_agent'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('entry',), name='one_agent_a_caller'), models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), models.Q(('end', ''), _negated=True)), _connector='OR'), name='reservation_end_has_a_cause'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('made_at')), _connector='OR'), name='reservation_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='QueueEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('slug', models.SlugField(db_index=False, max_length=40, verbose_name='short name')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(max_length=40, verbose_name='name in English')),
                ('language', models.CharField(default='zh', max_length=3, verbose_name='language')),
                ('hours', models.SlugField(blank=True, db_index=False, max_length=40, verbose_name='opening hours')),
                ('threshold_s', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1)], verbose_name='service level within, seconds')),
                ('target_pct', models.PositiveSmallIntegerField(default=80, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='service level target, %')),
                ('ring_s', models.PositiveSmallIntegerField(default=15, validators=[django.core.validators.MinValueValidator(5)], verbose_name='rings for, seconds')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='routing.queue')),
                ('skill', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='routing.skill', verbose_name='skill')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='queue',
            name='skill',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.skill', verbose_name='skill'),
        ),
        migrations.CreateModel(
            name='AgentSkillEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('level', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9)], verbose_name='level')),
                ('agent', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='routing.agent', verbose_name='agent')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='routing.agentskill')),
                ('skill', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='routing.skill', verbose_name='skill')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SkillEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('slug', models.SlugField(db_index=False, max_length=40, verbose_name='short name')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=40, verbose_name='name in English')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='routing.skill')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WaitingCredit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vip', models.CharField(choices=[('ordinary', 'ordinary'), ('gold', 'gold'), ('platinum', 'platinum'), ('private', 'private banking')], max_length=10, verbose_name='customer level')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('seconds', models.PositiveSmallIntegerField(verbose_name='seconds')),
            ],
            options={
                'verbose_name': 'waiting credit',
                'verbose_name_plural': 'waiting credits',
                'ordering': ['vip', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('vip', 'valid_from'), name='one_credit_a_day')],
            },
        ),
        migrations.CreateModel(
            name='WaitingCreditEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('vip', models.CharField(choices=[('ordinary', 'ordinary'), ('gold', 'gold'), ('platinum', 'platinum'), ('private', 'private banking')], max_length=10, verbose_name='customer level')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('seconds', models.PositiveSmallIntegerField(verbose_name='seconds')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='routing.waitingcredit')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_agentevent" ("is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."is_active", _pgh_attach_context(), NOW(), \'insert\', NEW."user_id", NEW."user_id"); RETURN NULL;', hash='42523a3803c4783e9684c5e4ba27f10ffe833499', operation='INSERT', pgid='pgtrigger_insert_insert_a5316', table='routing_agent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "routing_agentevent" ("is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."is_active", _pgh_attach_context(), NOW(), \'update\', NEW."user_id", NEW."user_id"); RETURN NULL;', hash='2ac34ab6e82a2acab2751c1ca207f9b39933ba44', operation='UPDATE', pgid='pgtrigger_update_update_2deca', table='routing_agent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispatcher',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='eebe894a2ce73c62a570399078b97f13698affd1', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_3f857', table='routing_dispatcher', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pausereason',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_pausereasonevent" ("by_system", "id", "is_active", "limit_s", "name", "name_en", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."by_system", NEW."id", NEW."is_active", NEW."limit_s", NEW."name", NEW."name_en", NEW."order", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."slug"); RETURN NULL;', hash='75bf7aa8417c2e66545eb184fc9c57852b3df737', operation='INSERT', pgid='pgtrigger_insert_insert_c05d0', table='routing_pausereason', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pausereason',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "routing_pausereasonevent" ("by_system", "id", "is_active", "limit_s", "name", "name_en", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."by_system", NEW."id", NEW."is_active", NEW."limit_s", NEW."name", NEW."name_en", NEW."order", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."slug"); RETURN NULL;', hash='f6a94f744c089f3253a8496bb5e5345a2ea0fda0', operation='UPDATE', pgid='pgtrigger_update_update_691bc', table='routing_pausereason', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='repair',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4a6768e1c0c9d2d689500a5918e2318396b4def0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c5ca8', table='routing_repair', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='repair',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='8fde43aaceef8bfbb1b15bf82542536599d3174a', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_8ab91', table='routing_repair', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='skill',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_skillevent" ("id", "name", "name_en", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."id", NEW."name", NEW."name_en", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."slug"); RETURN NULL;', hash='93fa629ca1067b8450fe8b1aa65ce3f674dfad75', operation='INSERT', pgid='pgtrigger_insert_insert_d700f', table='routing_skill', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='skill',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "routing_skillevent" ("id", "name", "name_en", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."id", NEW."name", NEW."name_en", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."slug"); RETURN NULL;', hash='58e6a2cf19319726bdb3cbb683fc3c21f31e3129', operation='UPDATE', pgid='pgtrigger_update_update_51569', table='routing_skill', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingcredit',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_waitingcreditevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seconds", "valid_from", "vip") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."seconds", NEW."valid_from", NEW."vip"); RETURN NULL;', hash='b68f36525a5fac24620210cab9b3802273b4c3b3', operation='INSERT', pgid='pgtrigger_insert_insert_4978d', table='routing_waitingcredit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='waitingcredit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "routing_waitingcreditevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seconds", "valid_from", "vip") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."seconds", NEW."valid_from", NEW."vip"); RETURN NULL;', hash='ffba626153ddd30ce1588f312989a9c0a66a4db0', operation='UPDATE', pgid='pgtrigger_update_update_68aaf', table='routing_waitingcredit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queueentry',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='1ac4c9eff143148791f795d05b9bcda3bfb366ee', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_0a6af', table='routing_queueentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queueentry',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='17522057dca170d4c927fe2c1b1281a8bbb7ad1b', operation='DELETE', pgid='pgtrigger_kept_7d482', table='routing_queueentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queueentry',
            trigger=pgtrigger.compiler.Trigger(name='over_is_over', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='46b5d189a78961d2edefca1c6637a998b4972582', operation='UPDATE', pgid='pgtrigger_over_is_over_7ac34', table='routing_queueentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queueentry',
            trigger=pgtrigger.compiler.Trigger(name='as_written', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."call_ref" IS DISTINCT FROM (NEW."call_ref") OR OLD."node" IS DISTINCT FROM (NEW."node") OR OLD."queue_id" IS DISTINCT FROM (NEW."queue_id") OR OLD."entered_at" IS DISTINCT FROM (NEW."entered_at") OR OLD."credited_at" IS DISTINCT FROM (NEW."credited_at") OR OLD."is_test" IS DISTINCT FROM (NEW."is_test") OR OLD."after_id" IS DISTINCT FROM (NEW."after_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7513f2ba78ebed9641e0246142bb47a91f41c9c9', operation='UPDATE', pgid='pgtrigger_as_written_a32dd', table='routing_queueentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='presence',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='daa96484f3be3dc82a67e396b9e14cee83459935', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_f3785', table='routing_presence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='presence',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='1661463891cb432ac4c97f898f42be8652a97c4d', operation='DELETE', pgid='pgtrigger_kept_3c67f', table='routing_presence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='presence',
            trigger=pgtrigger.compiler.Trigger(name='over_is_over', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7204508780faeb564dcc0ed512730089efbf9b49', operation='UPDATE', pgid='pgtrigger_over_is_over_bdf65', table='routing_presence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='presence',
            trigger=pgtrigger.compiler.Trigger(name='as_written', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."reason_id" IS DISTINCT FROM (NEW."reason_id") OR OLD."entry_id" IS DISTINCT FROM (NEW."entry_id") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='285fd3cab2adc3eda3d1f02d45a1ae11f5e602ae', operation='UPDATE', pgid='pgtrigger_as_written_f3a2c', table='routing_presence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='presence',
            trigger=pgtrigger.compiler.Trigger(name='path', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE before TEXT; until TIMESTAMPTZ;', func="\n        SELECT p.state, p.ended_at INTO before, until FROM public.routing_presence p\n            WHERE p.agent_id = NEW.agent_id ORDER BY p.started_at DESC, p.id DESC LIMIT 1;\n\n        IF NOT FOUND THEN\n            before := 'offline';\n            until := NEW.started_at;\n        END IF;\n        IF until IS DISTINCT FROM NEW.started_at THEN\n            RAISE EXCEPTION 'agent %: a state begins when the one before it ends', NEW.agent_id\n                USING ERRCODE = 'check_violation';\n        END IF;\n        IF before || '>' || NEW.state <> ALL (ARRAY['offline>paused', 'paused>offline', 'paused>paused', 'paused>ready', 'ready>offline', 'ready>paused', 'ready>reserved', 'reserved>offline', 'reserved>paused', 'reserved>ready', 'reserved>ringing', 'ringing>offline', 'ringing>paused', 'ringing>ready', 'ringing>talking', 'ringing>wrap_up', 'talking>held', 'talking>ringing', 'talking>wrap_up', 'held>ringing', 'held>talking', 'held>wrap_up', 'wrap_up>offline', 'wrap_up>paused', 'wrap_up>ready']) THEN\n            RAISE EXCEPTION 'agent %: % can not follow %', NEW.agent_id, NEW.state, before\n                USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NEW;\n    ", hash='6b0e01a1b586ce8cd5277d9251eec50fa23a606b', operation='INSERT', pgid='pgtrigger_path_3f956', table='routing_presence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='session',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='ae31d62323fb42a6c2e3a87367df2b93a477fe94', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_245ea', table='routing_session', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='1458e84d272e5745017037173f8ab765437da91b', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_bb767', table='routing_reservation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='f3f0b7790c98bc6df8dfdd792df631affec9f5aa', operation='DELETE', pgid='pgtrigger_kept_3b995', table='routing_reservation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='over_is_over', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f9a17ca55197a93b4b6cdfd7157b5af8db2fe709', operation='UPDATE', pgid='pgtrigger_over_is_over_afa32', table='routing_reservation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='as_written', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."entry_id" IS DISTINCT FROM (NEW."entry_id") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."session_id" IS DISTINCT FROM (NEW."session_id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."among" IS DISTINCT FROM (NEW."among") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."waited_s" IS DISTINCT FROM (NEW."waited_s") OR OLD."credit_s" IS DISTINCT FROM (NEW."credit_s") OR OLD."idle_s" IS DISTINCT FROM (NEW."idle_s"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='9302e1192265e4869bf1d4ab9c89eab8bc002e14', operation='UPDATE', pgid='pgtrigger_as_written_d9ba8', table='routing_reservation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queue',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_queueevent" ("hours", "id", "is_active", "language", "name", "name_en", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ring_s", "skill_id", "slug", "target_pct", "threshold_s") VALUES (NEW."hours", NEW."id", NEW."is_active", NEW."language", NEW."name", NEW."name_en", NEW."order", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."ring_s", NEW."skill_id", NEW."slug", NEW."target_pct", NEW."threshold_s"); RETURN NULL;', hash='a43716043f69552296f707dae10e3b1bd3b84e72', operation='INSERT', pgid='pgtrigger_insert_insert_8da25', table='routing_queue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queue',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "routing_queueevent" ("hours", "id", "is_active", "language", "name", "name_en", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ring_s", "skill_id", "slug", "target_pct", "threshold_s") VALUES (NEW."hours", NEW."id", NEW."is_active", NEW."language", NEW."name", NEW."name_en", NEW."order", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."ring_s", NEW."skill_id", NEW."slug", NEW."target_pct", NEW."threshold_s"); RETURN NULL;', hash='548622321e50a34238cd1a8cd777673d11e2f7fd', operation='UPDATE', pgid='pgtrigger_update_update_49695', table='routing_queue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agentskill',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_agentskillevent" ("agent_id", "id", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "skill_id") VALUES (NEW."agent_id", NEW."id", NEW."level", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."skill_id"); RETURN NULL;', hash='ec470ef53f7ec6f6c6f0472015945e6eaac21780', operation='INSERT', pgid='pgtrigger_insert_insert_5b3d1', table='routing_agentskill', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agentskill',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "routing_agentskillevent" ("agent_id", "id", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "skill_id") VALUES (NEW."agent_id", NEW."id", NEW."level", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."skill_id"); RETURN NULL;', hash='705c81c0cd3446025ea7b602bba58009c7a70a17', operation='UPDATE', pgid='pgtrigger_update_update_c7dd6', table='routing_agentskill', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agentskill',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "routing_agentskillevent" ("agent_id", "id", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "skill_id") VALUES (OLD."agent_id", OLD."id", OLD."level", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."skill_id"); RETURN NULL;', hash='a89cf56050f87d6b3244e1cd5cb3daaf54b77898', operation='DELETE', pgid='pgtrigger_delete_delete_46a45', table='routing_agentskill', when='AFTER')),
        ),
        ]),
    ]
