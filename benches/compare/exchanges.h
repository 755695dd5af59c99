/* Request and answer through a real broker, with a library or with the floor. */
#ifndef EXCHANGES_H
#define EXCHANGES_H

struct exchange {
    const char* name;
    /* Runs for about `seconds`; gives microseconds for one exchange, negative on failure. `with_floor`: instead of the library. */
    double (*run)(const char* uri, int qos, double seconds, int with_floor);
};

extern const struct exchange exchanges[];
extern const int exchange_count;

#endif
