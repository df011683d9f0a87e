"""Runs the migrations with the application's own engine, one transaction each, behind a lock.

The lock is Postgres' own: when two copies of the migration job start at once, the second waits and finds nothing to do.
"""

from alembic import context
from flask import current_app
from sqlalchemy import text

db = current_app.extensions["migrate"].db
LOCK = 7_263_485_001


def main():
    """Migrate."""
    if context.is_offline_mode():
        context.configure(url=current_app.config["SQLALCHEMY_DATABASE_URI"], target_metadata=db.metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
            connection.commit()
        context.configure(connection=connection, target_metadata=db.metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


main()
