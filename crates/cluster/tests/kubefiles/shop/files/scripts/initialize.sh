#!/bin/sh
set -e
shop migrate "$DATABASE"
