#!/bin/sh
shop drop "$DATABASE"
