"""Celery: settings for whoever adds tasks, the worker and beat."""

timezone = "UTC"

# A task is done when it has been done: a worker that dies gives it back.
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1

# Results are rows in the database.
task_ignore_result = True

broker_connection_retry_on_startup = True
# A guest does not wait for a broker that is away: adding a task fails after some two seconds.
broker_transport_options = {"socket_connect_timeout": 2, "socket_timeout": 5}
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0.2}

beat_schedule = {"tally": {"task": "jobs.tally", "schedule": 10.0}}
