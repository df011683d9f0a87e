#!/bin/bash
# Starts the application, whichever kind it is, as the Python images of sclorg do. Called by boatyard-init in the folder
# of the source.

say() { echo "---> $*"; }

has() { python -c "import $1" 2>/dev/null; }

# gunicorn that is configured by a file which names the application needs nothing of us.
if command -v gunicorn >/dev/null && [ -f gunicorn.conf.py ] && grep -q wsgi_app gunicorn.conf.py &&
  python -c 'import gunicorn, sys; sys.exit(gunicorn.version_info[:2] < (20, 1))' 2>/dev/null; then
  say "Serving with gunicorn, as gunicorn.conf.py says"
  exec gunicorn
fi

export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
cd "${APP_HOME:-.}" || exit 1

if [ -z "$APP_SCRIPT$APP_FILE$APP_MODULE" ]; then
  APP_SCRIPT=app.sh
  APP_FILE=app.py
  defaults=yes
fi

if [ -n "$APP_SCRIPT" ]; then
  script=$APP_SCRIPT
  case $script in /*) ;; *) script=./$script ;; esac
  if [ -f "$script" ]; then
    say "Running application from script ($APP_SCRIPT)"
    exec "$script"
  elif [ -z "$defaults" ]; then
    echo "APP_SCRIPT names $APP_SCRIPT, which is not there" >&2
    exit 1
  fi
fi

if [ -n "$APP_FILE" ]; then
  if [ -f "$APP_FILE" ]; then
    say "Running application from Python script ($APP_FILE)"
    exec python "$APP_FILE"
  elif [ -z "$defaults" ]; then
    echo "APP_FILE names $APP_FILE, which is not there" >&2
    exit 1
  fi
fi

if [ -z "$DISABLE_MIGRATE" ] && [ -f manage.py ] && has django; then
  say "Migrating the database"
  python manage.py migrate --noinput || exit
fi

export PORT="${PORT:-8080}"

if has gunicorn; then
  if [ -z "$APP_MODULE" ] && [ -f wsgi.py ]; then
    APP_MODULE=wsgi
  elif [ -z "$APP_MODULE" ] && [ -f setup.py ]; then
    APP_MODULE=$(python setup.py --name 2>/dev/null | tail -n 1)
  fi
  if [ -n "$APP_MODULE" ]; then
    if [ -z "$WEB_CONCURRENCY" ]; then
      # boatyard-init tells how many processors there are, and how much memory if there is a limit.
      workers=$((${NUMBER_OF_CORES:-1} * 2))
      if [ -n "$MEMORY_LIMIT_IN_BYTES" ]; then
        fit=$(((MEMORY_LIMIT_IN_BYTES / 1048576 - 43) / 40))
        [ "$fit" -lt "$workers" ] && workers=$fit
      fi
      [ "$workers" -gt 12 ] && workers=12
      [ "$workers" -lt 1 ] && workers=1
      export WEB_CONCURRENCY=$workers
    fi
    if [ -z "$APP_CONFIG$GUNICORN_CMD_ARGS" ]; then
      export GUNICORN_CMD_ARGS="--bind=0.0.0.0:$PORT --access-logfile=-"
    fi
    say "Serving $APP_MODULE with gunicorn"
    exec gunicorn "$APP_MODULE" ${APP_CONFIG:+--config "$APP_CONFIG"}
  fi
fi

if [ -f manage.py ] && has django; then
  say "Serving with manage.py runserver"
  exec python manage.py runserver "0.0.0.0:$PORT"
fi

echo "nothing to run: neither app.sh nor app.py, no module for gunicorn (APP_MODULE, wsgi.py), no manage.py" >&2
exit 1
