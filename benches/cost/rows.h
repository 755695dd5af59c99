/* What the measured programs share: turns with the server, and the beginning and end of what is counted. */
#ifndef ROWS_H
#define ROWS_H

#define PAYLOAD_SIZE 256
#define BURST 16 /* messages that are published before the server has its turn */

extern char payload[PAYLOAD_SIZE];

/* Waits until all threads sleep and the server has nothing more to send. */
void rest(void);

/* What is between these two is counted, of all threads. */
void begin_counting(void);
void end_counting(const char* row, long messages);

/* Ends the program with an error if `code` is not 0. */
void must(int code, const char* what);

#endif
