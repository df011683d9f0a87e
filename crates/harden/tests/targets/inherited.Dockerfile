FROM registry.example.com/team/app:1
COPY settings.py /app/
