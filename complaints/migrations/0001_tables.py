import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import banking.guards
from config.first_tables import FirstTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('banking', '0001_tables'),
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('telephony', '0001_tables'),
    ]

    operations = [
        FirstTables([
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('axis', models.CharField(choices=[('channel', 'channel'), ('business', 'business'), ('reason', 'reason')], max_length=8, verbose_name='axis')),
                ('code', models.CharField(max_length=8, verbose_name='code')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(max_length=60, verbose_name='name in English')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'complaint category',
                'verbose_name_plural': 'complaint categories',
                'ordering': ['axis', 'code'],
                'constraints': [models.UniqueConstraint(fields=('axis', 'code'), name='category_once')],
            },
        ),
        migrations.CreateModel(
            name='CategoryEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('axis', models.CharField(choices=[('channel', 'channel'), ('business', 'business'), ('reason', 'reason')], max_length=8, verbose_name='axis')),
                ('code', models.CharField(max_length=8, verbose_name='code')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(max_length=60, verbose_name='name in English')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='complaints.category')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ClockRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(unique=True, verbose_name='valid from')),
                ('acknowledge_days', models.PositiveSmallIntegerField(verbose_name='acknowledged within, days')),
                ('reply_days', models.PositiveSmallIntegerField(verbose_name='branch replies within, working days')),
                ('decide_days', models.PositiveSmallIntegerField(verbose_name='decided and told within, days')),
                ('complex_days', models.PositiveSmallIntegerField(verbose_name='complex cases within, days')),
                ('duplicate_days', models.PositiveSmallIntegerField(verbose_name='the same matter again within, days')),
            ],
            options={
                'verbose_name': 'complaint clock',
                'verbose_name_plural': 'complaint clocks',
                'ordering': ['-valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('acknowledge_days__gt', 0), ('decide_days__gt', 0), ('reply_days__gt', 0), ('complex_days__gte', models.F('decide_days'))), name='clock_runs')],
            },
        ),
        migrations.CreateModel(
            name='ClockRuleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('acknowledge_days', models.PositiveSmallIntegerField(verbose_name='acknowledged within, days')),
                ('reply_days', models.PositiveSmallIntegerField(verbose_name='branch replies within, working days')),
                ('decide_days', models.PositiveSmallIntegerField(verbose_name='decided and told within, days')),
                ('complex_days', models.PositiveSmallIntegerField(verbose_name='complex cases within, days')),
                ('duplicate_days', models.PositiveSmallIntegerField(verbose_name='the same matter again within, days')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='complaints.clockrule')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(editable=False, max_length=12, unique=True, verbose_name='case number')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('source', models.CharField(choices=[('message', 'message by telephone'), ('agent', 'told an agent')], max_length=8, verbose_name='source')),
                ('words', models.TextField(blank=True, max_length=2000, verbose_name='what was said')),
                ('phone', models.CharField(blank=True, max_length=32, verbose_name="complainant's number")),
                ('language', models.CharField(max_length=3, verbose_name='language')),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('state', models.CharField(choices=[('registered', 'registered'), ('graded', 'graded'), ('assigned', 'with a branch'), ('replied', 'answer to be reviewed'), ('reviewed', 'to be told'), ('told', 'told'), ('revisited', 'revisited'), ('archived', 'archived')], default='registered', max_length=10, verbose_name='state')),
                ('clock_from', models.DateTimeField(verbose_name='clock runs from')),
                ('acknowledge_due_at', models.DateTimeField(verbose_name='to be acknowledged by')),
                ('acknowledged_at', models.DateTimeField(null=True, verbose_name='acknowledged at')),
                ('due_at', models.DateTimeField(verbose_name='to be decided and told by')),
                ('grade', models.CharField(blank=True, choices=[('ordinary', 'ordinary'), ('complex', 'complex')], max_length=8, verbose_name='grade')),
                ('reply_due_at', models.DateTimeField(null=True, verbose_name='branch to reply by')),
                ('reply', models.TextField(blank=True, max_length=2000, verbose_name='answer')),
                ('replied_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('told_at', models.DateTimeField(null=True, verbose_name='told at')),
                ('branch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='people.branch', verbose_name='branch')),
                ('business', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.category', verbose_name='business')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='telephony.call', verbose_name='call')),
                ('channel', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.category', verbose_name='channel')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='banking.customer', verbose_name='customer')),
                ('duplicate_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='complaints.complaint', verbose_name='first case of the matter')),
                ('reason', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.category', verbose_name='reason')),
                ('recording', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='telephony.callrecording', verbose_name='recording')),
                ('registered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='registered by')),
                ('replied_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
            ],
            options={
                'verbose_name': 'complaint',
                'verbose_name_plural': 'complaints',
                'ordering': ['due_at', 'id'],
                'permissions': [('reply_complaint', 'Can answer complaints for her branch'), ('review_complaint', 'Can review answers to complaints')],
                'indexes': [models.Index(fields=['customer', '-received_at'], name='complaints__custome_cb73e7_idx'), models.Index(condition=models.Q(('state', 'archived'), _negated=True), fields=['due_at'], name='complaint_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'registered'), models.Q(models.Q(('grade', ''), _negated=True), ('business__isnull', False), ('channel__isnull', False), ('reason__isnull', False)), _connector='OR'), name='complaint_graded_on_every_axis'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['reviewed', 'told', 'revisited', 'archived']), _negated=True), models.Q(('replied_by__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='complaint_answer_reviewed'), models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('replied_by')), _negated=True), _connector='OR'), name='complaint_reviewed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('recording__isnull', False), ('source', 'message')), models.Q(('registered_by__isnull', False), ('source', 'agent'), models.Q(('words', ''), _negated=True)), _connector='OR'), name='complaint_says_something'), models.CheckConstraint(condition=models.Q(('duplicate_of', None), models.Q(('duplicate_of', models.F('id')), _negated=True), _connector='OR'), name='complaint_of_another')],
            },
        ),
        migrations.CreateModel(
            name='CaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('registered', 'Registered'), ('acknowledged', 'Case number told'), ('graded', 'Graded'), ('assigned', 'Handed to a branch'), ('replied', 'Answer written'), ('sent_back', 'Answer sent back'), ('reviewed', 'Answer approved'), ('told', 'Complainant told'), ('archived', 'Archived')], max_length=12, verbose_name='step')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='staff')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='complaints.complaint', verbose_name='complaint')),
            ],
            options={
                'verbose_name': 'step of a complaint',
                'verbose_name_plural': 'steps of complaints',
                'ordering': ['complaint', 'at', 'id'],
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "complaints_categoryevent" ("axis", "code", "id", "is_active", "name", "name_en", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."axis", NEW."code", NEW."id", NEW."is_active", NEW."name", NEW."name_en", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='bb3f9ba193eb86fd3fe720b09b814e48804d3de6', operation='INSERT', pgid='pgtrigger_insert_insert_f08de', table='complaints_category', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "complaints_categoryevent" ("axis", "code", "id", "is_active", "name", "name_en", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."axis", NEW."code", NEW."id", NEW."is_active", NEW."name", NEW."name_en", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='c1ca62c8470deea71b141e673caa3a28728c90f7', operation='UPDATE', pgid='pgtrigger_update_update_f0253', table='complaints_category', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clockrule',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "complaints_clockruleevent" ("acknowledge_days", "complex_days", "decide_days", "duplicate_days", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reply_days", "valid_from") VALUES (NEW."acknowledge_days", NEW."complex_days", NEW."decide_days", NEW."duplicate_days", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reply_days", NEW."valid_from"); RETURN NULL;', hash='0a57f30e032c4395481b4b89b75a8571120b62b0', operation='INSERT', pgid='pgtrigger_insert_insert_88b1a', table='complaints_clockrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clockrule',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "complaints_clockruleevent" ("acknowledge_days", "complex_days", "decide_days", "duplicate_days", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reply_days", "valid_from") VALUES (NEW."acknowledge_days", NEW."complex_days", NEW."decide_days", NEW."duplicate_days", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reply_days", NEW."valid_from"); RETURN NULL;', hash='9b09c536a12ea3fb0ad591eacc87dbee1df93242', operation='UPDATE', pgid='pgtrigger_update_update_9477b', table='complaints_clockrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='f87f24ec5798d9c058c1d557d2e4c12f13721b04', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_9e0eb', table='complaints_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=banking.guards.GuardSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d73c4c285b841cd9c51aa58944344fdcdc3b14ef', operation='DELETE', pgid='pgtrigger_kept_5abf1', table='complaints_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='as_received', sql=banking.guards.GuardSql(condition='WHEN (OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."call_id" IS DISTINCT FROM (NEW."call_id") OR OLD."recording_id" IS DISTINCT FROM (NEW."recording_id") OR OLD."words" IS DISTINCT FROM (NEW."words") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."registered_by_id" IS DISTINCT FROM (NEW."registered_by_id") OR OLD."acknowledge_due_at" IS DISTINCT FROM (NEW."acknowledge_due_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='08055f49458549dc78c593b2dc70fc6f5c4629fa', operation='UPDATE', pgid='pgtrigger_as_received_ac7b6', table='complaints_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='path', sql=banking.guards.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{registered:graded,graded:assigned,assigned:replied,replied:assigned,replied:reviewed,reviewed:told,told:revisited,told:archived,revisited:archived}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='5ec542ae2d7d3f7194facf0a1a94b1ccd52ab45d', operation='UPDATE', pgid='pgtrigger_path_158aa', table='complaints_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='number', sql=banking.guards.GuardSql(func="\n                    NEW.number := to_char(NEW.received_at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')\n                        || lpad(nextval('public.banking_receipt')::text, 6, '0');\n                    RETURN NEW;\n                ", hash='7717853094f47c7fb24350c51e3b953b60b324b4', operation='INSERT', pgid='pgtrigger_number_8a82d', table='complaints_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casestep',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='613d440aa2d4cd67752327a0b1f616f601bef1f8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1e62e', table='complaints_casestep', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casestep',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='9d7738f1e40337e7dba78905f560fffeb3a16b0e', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_5dfe2', table='complaints_casestep', when='BEFORE')),
        ),
        ]),
    ]
