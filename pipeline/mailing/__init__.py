"""Mailing: the messages of the published run to the mail server, each known before and after in the journal of sending."""

from pipeline.mailing.sending import LOGIN, JournalDamagedError, NotSentError, Sent, World, send

__all__ = ["LOGIN", "JournalDamagedError", "NotSentError", "Sent", "World", "send"]
