/* MQTTVersion: prints what MQTT client libraries say of themselves. Its man page is man/MQTTVersion.1. */

#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The same in both APIs. */
struct fact {
    const char *name;
    const char *value;
};

typedef struct fact *get_version_info(void);

/* A library by its file name, or by its name without lib and .so. NULL with a text from dlerror(). */
static void *load(const char *name)
{
    void *library = dlopen(name, RTLD_LAZY);
    char file[256];

    if (library || strchr(name, '/'))
        return library;
    snprintf(file, sizeof file, "lib%s.so.1", name);
    library = dlopen(file, RTLD_LAZY);
    return library ? library : dlopen(name, RTLD_LAZY);
}

static int print_facts(void *library)
{
    static const char *const FUNCTIONS[] = {"MQTTAsync_getVersionInfo", "MQTTClient_getVersionInfo"};
    int found = 0;

    for (size_t i = 0; i < 2 && !found; i++) {
        void *symbol = dlsym(library, FUNCTIONS[i]);
        get_version_info *function;
        if (!symbol)
            continue;
        /* ISO C has no cast from a pointer to data to one to a function; POSIX promises that they are alike. */
        memcpy(&function, &symbol, sizeof function);
        for (struct fact *fact = function(); fact->name; fact++)
            printf("%s: %s\n", fact->name, fact->value);
        found = 1;
    }
    return found;
}

/* False if it is no library of this kind; says so. */
static int print_library(const char *name)
{
    void *library = load(name);
    int found;

    if (!library) {
        fflush(stdout);
        fprintf(stderr, "Error loading library %s, error %s\n", name, dlerror());
        return 0;
    }
    found = print_facts(library);
    if (!found)
        fprintf(stderr, "%s is not an MQTT client library: it has no function that gives its version\n", name);
    dlclose(library);
    return found;
}

static int print_all(void)
{
    static const char *const LIBRARIES[] = {"paho-mqtt3c", "paho-mqtt3cs", "paho-mqtt3a", "paho-mqtt3as"};
    int found = 0;

    printf("Name a library to see only that one\n");
    for (size_t i = 0; i < sizeof LIBRARIES / sizeof LIBRARIES[0]; i++) {
        printf("--- Trying library %s ---\n", LIBRARIES[i]);
        found += print_library(LIBRARIES[i]);
    }
    return found > 0;
}

int main(int argc, char **argv)
{
    int good = 1;

    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        printf("Usage: MQTTVersion [library...]\n\nPrints the versions of MQTT client libraries: of those named, as\n"
               "paho-mqtt3c or as /path/to/libpaho-mqtt3c.so.1, or of all four. See also the man page MQTTVersion(1).\n");
        return 0;
    }
    printf("MQTTVersion: print the version strings of an MQTT client library\n");
    if (argc == 1)
        good = print_all();
    for (int i = 1; i < argc; i++)
        good &= print_library(argv[i]);
    if (fflush(stdout) != 0) {
        perror("Can't write to standard output");
        good = 0;
    }
    return good ? 0 : 1;
}
