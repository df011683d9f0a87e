FROM localhost/bench-guestbook-base
COPY jobs /app/jobs
CMD ["celery", "-A", "jobs.worker", "worker", "--loglevel=INFO"]
