/* The workloads, written against the functions of a library that is loaded at run time. */
#ifndef WORKLOADS_H
#define WORKLOADS_H

struct workload {
    const char* name;
    const char* unit;
    int less_is_better;
    /* Runs for about `seconds`; gives the figure in `unit`, negative on failure. */
    double (*run)(const char* uri, double seconds);
};

extern const struct workload workloads[];
extern const int workload_count;

#endif
