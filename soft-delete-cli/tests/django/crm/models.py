"""Leads and their callbacks, with the four columns of a soft-delete kit."""
from django.conf import settings
from django.db import models


class SoftDeleteModel(models.Model):
    is_deleted = models.BooleanField(default=False, db_index=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deletion_reason = models.TextField(null=True, blank=True)

    class Meta:
        abstract = True


class Lead(SoftDeleteModel):
    full_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)


class Callback(SoftDeleteModel):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="callbacks")
    due_at = models.DateTimeField()
    subject = models.CharField(max_length=200)
