import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import banking.guards
from config.first_tables import FirstTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('routing', '0001_tables'),
        ('telephony', '0001_tables'),
    ]

    operations = [
        FirstTables([
        migrations.CreateModel(
            name='AskRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('is_asked', models.BooleanField(verbose_name='callers are asked')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.queue', verbose_name='queue')),
            ],
            options={
                'verbose_name': 'rule who is asked for a rating',
                'verbose_name_plural': 'rules who is asked for a rating',
                'ordering': ['queue', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('queue', 'valid_from'), name='ask_rule_once')],
            },
        ),
        migrations.CreateModel(
            name='AskRuleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('is_asked', models.BooleanField(verbose_name='callers are asked')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='quality.askrule')),
                ('queue', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='routing.queue', verbose_name='queue')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('score', models.PositiveSmallIntegerField(null=True, verbose_name='score')),
                ('keyed_at', models.DateTimeField(null=True, verbose_name='keyed at')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.agent', verbose_name='agent')),
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='telephony.call', verbose_name='call')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='routing.queue', verbose_name='queue')),
                ('reservation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='routing.reservation', verbose_name='talk')),
            ],
            options={
                'verbose_name': 'rating',
                'verbose_name_plural': 'ratings',
                'ordering': ['-asked_at'],
                'indexes': [models.Index(fields=['asked_at'], name='quality_rat_asked_a_e85647_idx'), models.Index(fields=['agent', '-asked_at'], name='quality_rat_agent_i_6bf65c_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('keyed_at', None), ('score', None)), models.Q(('keyed_at__isnull', False), ('score__gte', 1), ('score__lte', 5)), _connector='OR'), name='rating_keyed_with_a_score')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='askrule',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "quality_askruleevent" ("id", "is_asked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "queue_id", "valid_from") VALUES (NEW."id", NEW."is_asked", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."queue_id", NEW."valid_from"); RETURN NULL;', hash='5c1980d99d501c5be35a298339c27e9a0d93535e', operation='INSERT', pgid='pgtrigger_insert_insert_b2f32', table='quality_askrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='askrule',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "quality_askruleevent" ("id", "is_asked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "queue_id", "valid_from") VALUES (NEW."id", NEW."is_asked", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."queue_id", NEW."valid_from"); RETURN NULL;', hash='fc30937346c92da7c00693fd4521ef852382949e', operation='UPDATE', pgid='pgtrigger_update_update_e3f84', table='quality_askrule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='fence', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fence TEXT; leader TEXT;', func="\n        fence := current_setting('bankline.fence', true);\n        IF fence <> '' THEN\n            leader := split_part(fence, '@', 1);\n            PERFORM pg_advisory_xact_lock_shared(hashtext('fence'), hashtext(leader));\n            PERFORM 1 FROM public.live_fence\n                WHERE name = leader AND epoch = split_part(fence, '@', 2)::bigint;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'a newer leader took over from %', fence\n                    USING ERRCODE = 'BF001';\n            END IF;\n        END IF;\n        RETURN NULL;\n    ", hash='c8043eb898f4a1bd18280ef62c9dc63a35126676', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_fence_ef130', table='quality_rating', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=banking.guards.GuardSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='1adb22c3ac3e63fd82441c19ea83726f2f390eda', operation='DELETE', pgid='pgtrigger_kept_dd57f', table='quality_rating', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='as_asked', sql=banking.guards.GuardSql(condition='WHEN (OLD."call_id" IS DISTINCT FROM (NEW."call_id") OR OLD."reservation_id" IS DISTINCT FROM (NEW."reservation_id") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."queue_id" IS DISTINCT FROM (NEW."queue_id") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='89bd7a1160f2d8ffdf103855cf71afee224c7a6d', operation='UPDATE', pgid='pgtrigger_as_asked_f05b9', table='quality_rating', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='keyed_once', sql=banking.guards.GuardSql(func="\n                    IF OLD.score IS NOT NULL THEN\n                        RAISE EXCEPTION 'a rating is keyed once';\n                    END IF;\n                    RETURN NEW;\n                ", hash='29a81a0a2112d87d8cee7e5ddd8eb9f78ea9134c', operation='UPDATE', pgid='pgtrigger_keyed_once_8acd8', table='quality_rating', when='BEFORE')),
        ),
        ]),
    ]
