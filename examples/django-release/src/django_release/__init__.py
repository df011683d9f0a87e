"""A harbour's berths: a Django project that is released as a wheel."""
