"""What Django sees, a line for each row."""
from django.core.management.base import BaseCommand

from crm.models import Callback, Lead


class Command(BaseCommand):
    def handle(self, *args, **options):
        for lead in Lead.objects.order_by("full_name"):
            self.stdout.write(f"{lead.full_name}: {state(lead)}")
        for callback in Callback.objects.select_related("lead").order_by("subject"):
            self.stdout.write(f"{callback.subject}: {state(callback)}, of {callback.lead.full_name}")


def state(row):
    flag = "deleted" if row.is_deleted else "active"
    stamp = "stamped" if row.deleted_at else "never"
    return f"{flag} {stamp} {row.deleted_by or '-'} {row.deletion_reason or '-'}"
