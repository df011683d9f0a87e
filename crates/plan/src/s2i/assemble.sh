#!/bin/bash
# Builds an application from what lies in /tmp/src, as the Python images of sclorg do. Called by boatyard-init with the
# variables of .s2i/environment and of the hook build_env, in the folder of the source.
set -e

if [ -n "$ENABLE_PIPENV" ] && [ -n "$ENABLE_MICROPIPENV" ]; then
  echo "ENABLE_PIPENV and ENABLE_MICROPIPENV cannot both be set" >&2
  exit 3
fi

step() { echo "---> $*"; }

# Tools that install have an environment of their own: what they need must not mix with what the application needs.
tool() { # package specifier
  step "Installing $1"
  python3 -m venv "$HOME/.local/venvs/$1"
  # The index that the application is installed from need not have the tool.
  "$HOME/.local/venvs/$1/bin/pip" install --quiet "$1$2" ||
    "$HOME/.local/venvs/$1/bin/pip" --isolated install --quiet "$1$2"
  mkdir -p "$HOME/.local/bin"
  ln -sf "$HOME/.local/venvs/$1/bin/$1" "$HOME/.local/bin/$1"
}

step "Taking the source over"
shopt -s dotglob nullglob
for item in /tmp/src/*; do
  # What is there already came with the hooks.
  cp -a "$item" "$HOME/"
done

if [ -n "$UPGRADE_PIP_TO_LATEST" ]; then
  step "Upgrading pip, setuptools and wheel"
  pip install -U pip setuptools wheel
fi

if [ -n "$ENABLE_PIPENV" ]; then
  tool pipenv "${PIN_PIPENV_VERSION:+==$PIN_PIPENV_VERSION}"
  step "Installing what pipenv is told"
  if [ -f Pipfile ]; then
    pipenv install --deploy
  elif [ -f requirements.txt ]; then
    pipenv install -r requirements.txt
  fi
elif [ -n "$ENABLE_MICROPIPENV" ]; then
  tool micropipenv "[toml]"
  step "Installing what micropipenv is told"
  micropipenv install --deploy
elif [ -f requirements.txt ]; then
  step "Installing what requirements.txt names"
  pip install -r requirements.txt
fi

if { [ -f setup.py ] || [ -f setup.cfg ]; } && [ -z "$DISABLE_SETUP_PY_PROCESSING" ]; then
  step "Installing the application (setup.py, setup.cfg)"
  pip install .
elif [ -f pyproject.toml ] && [ -z "$DISABLE_PYPROJECT_TOML_PROCESSING" ]; then
  step "Installing the application (pyproject.toml)"
  pip install .
fi

if [ -z "$DISABLE_COLLECTSTATIC" ] && python -c 'import django' 2>/dev/null; then
  (
    export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
    cd "${APP_HOME:-.}"
    if [ ! -f manage.py ]; then
      echo "no manage.py in $PWD: static files of Django are not collected"
    elif python manage.py collectstatic --dry-run --noinput >/dev/null 2>&1; then
      step "Collecting static files of Django"
      python manage.py collectstatic --noinput
    else
      echo "manage.py collectstatic does not work here: static files of Django are not collected"
    fi
  )
fi
