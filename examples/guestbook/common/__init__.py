"""What every service of the guestbook shares: settings, tables, the task queue."""
