/* The clock on the wall of whoever has this loaded: that of the machine, and as many seconds more as the file says. Whoever was given
   another time than the machine's leaves a file with the number of its process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    static int told;
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(clock, time);
    const char *path = getenv("SCENARIO_CLOCK");
    FILE *file = clock == CLOCK_REALTIME && path ? fopen(path, "re") : NULL;
    long more = 0;
    if (file && fscanf(file, "%ld", &more) == 1)
        time->tv_sec += more;
    if (file)
        fclose(file);
    if (more && !told) {
        char name[4096];
        snprintf(name, sizeof name, "%s.%d", path, getpid());
        int made = open(name, O_CREAT | O_CLOEXEC | O_WRONLY, 0600);
        if (made >= 0)
            close(made);
        told = 1;
    }
    return answer;
}
