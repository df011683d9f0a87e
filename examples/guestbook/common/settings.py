"""Settings: read once from the environment, given as values to everybody else."""

import os


def database_url(env=os.environ):
    """The database as SQLAlchemy writes it.

    Platforms say ``postgres://`` or ``postgresql://``; SQLAlchemy wants the driver named as well.
    """
    url = env.get("DATABASE_URL", "postgresql://guestbook@127.0.0.1/guestbook")
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql"):
        scheme = "postgresql+psycopg"
    return f"{scheme}://{rest}"


def broker_url(env=os.environ):
    """The queue that tasks go through."""
    return env.get("CELERY_BROKER_URL") or env.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
