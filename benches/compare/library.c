/* See library.h. */
#define _GNU_SOURCE

#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

struct library api;

int load_library(const char* path)
{
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
#define LOAD(name) (*(void**)&api.name = dlsym(library, "MQTTClient_" #name)) == NULL
    return LOAD(create) || LOAD(connect) || LOAD(setCallbacks) || LOAD(publish) || LOAD(waitForCompletion) ||
                   LOAD(subscribe) || LOAD(receive) || LOAD(disconnect) || LOAD(destroy) ||
                   LOAD(freeMessage) || LOAD(free)
               ? -1
               : 0;
#undef LOAD
}

double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
