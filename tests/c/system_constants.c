/* What src/system takes for granted, as the C library of each system has it: a wrong number there compiles, and goes wrong
 * when the library runs. Compiling this file checks it, also for systems that the tests cannot run on. */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define IS(name, text) (__builtin_strcmp(TEXT(name), text) == 0)

#if defined(__APPLE__)
_Static_assert(PTHREAD_CANCEL_ENABLE == 1 && PTHREAD_CANCEL_DISABLE == 0, "CANCEL_ENABLED");
_Static_assert(IS(stdout, "__stdoutp"), "STANDARD_OUTPUT");
_Static_assert(MAP_NORESERVE == 0x40 && MADV_FREE == 5, "RESERVED, take_back");
_Static_assert(SO_NOSIGPIPE == 0x1022, "SEND_FLAGS");
#elif defined(__FreeBSD__)
_Static_assert(PTHREAD_CANCEL_ENABLE == 0 && PTHREAD_CANCEL_DISABLE == 1, "CANCEL_ENABLED");
_Static_assert(IS(stdout, "__stdoutp"), "STANDARD_OUTPUT");
_Static_assert(MAP_NOCORE == 0x20000 && MADV_FREE == 5, "RESERVED, take_back");
_Static_assert(MSG_NOSIGNAL == 0x20000 && MSG_DONTWAIT == 0x80, "SEND_FLAGS");
#elif defined(__linux__)
_Static_assert(PTHREAD_CANCEL_ENABLE == 0 && PTHREAD_CANCEL_DISABLE == 1, "CANCEL_ENABLED");
_Static_assert(IS(stdout, "stdout") || IS(stdout, "(stdout)"), "standard_output");
_Static_assert(MSG_NOSIGNAL == 0x4000 && MSG_DONTWAIT == 0x40, "SEND_FLAGS");
#else
#error "src/system does not know this system"
#endif

_Static_assert(sizeof(pthread_t) == sizeof(void *), "Paho_thread_getid");
