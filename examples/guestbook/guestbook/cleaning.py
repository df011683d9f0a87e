"""Throwing old entries away."""

from datetime import timedelta

from common.models import Entry, db, now


def forget(days):
    """Remove entries older than ``days``; how many there were."""
    gone = db.session.execute(db.delete(Entry).where(Entry.written_at < now() - timedelta(days=days)))
    db.session.commit()
    return gone.rowcount
