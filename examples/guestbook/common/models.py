"""The tables. Migrations under ``migrations/versions`` make them; nothing creates them at start."""

from datetime import UTC, datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """What the tables have in common."""


db = SQLAlchemy(model_class=Base)


def now():
    """The time, with its zone."""
    return datetime.now(UTC)


class Entry(db.Model):
    """What a guest wrote."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(db.String(80))
    message: Mapped[str] = mapped_column(db.Text)
    written_at: Mapped[datetime] = mapped_column(db.DateTime(timezone=True), default=now)
    # Filled in by the worker; none until it has been there.
    words: Mapped[int | None]

    def as_json(self):
        """The entry for /api/entries."""
        return {
            "id": self.id,
            "name": self.name,
            "message": self.message,
            "written_at": self.written_at.isoformat(),
            "words": self.words,
        }


class Tally(db.Model):
    """One row: how much there is in the book, counted now and then because beat asks for it."""

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[int]
    words: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(db.DateTime(timezone=True))
