"""Rows as Django itself marks them: deleted long ago, lately, and not at all."""
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from crm.models import Callback, Lead


class Command(BaseCommand):
    def handle(self, *args, **options):
        bob = get_user_model().objects.create_user("bob")
        now = timezone.now()

        def delete(row, days, reason):
            row.is_deleted = True
            row.deleted_at = now - timedelta(days=days)
            row.deleted_by = bob
            row.deletion_reason = reason
            row.save()

        leads = [
            Lead.objects.create(full_name=name, email=f"{name.lower()}@example.org")
            for name in ["Ada", "Grace", "Charles", "Mary", "Edsger", "Barbara"]
        ]
        ada, grace, charles, mary, edsger, _ = leads
        calls = [
            Callback.objects.create(lead=lead, due_at=now, subject=f"Call {lead.full_name}")
            for lead in [ada, mary, edsger]
        ]
        delete(ada, 40, "spam")  # expired, and its callback with it
        delete(calls[0], 40, "spam")
        delete(grace, 31, "a duplicate")  # expired, to be restored
        delete(charles, 2, "asked to")  # stays: 28 days to go
        delete(edsger, 90, "left")  # expired, but a callback that is active refers to it
