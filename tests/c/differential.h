/* What the two drivers of the differential tests share whatever the API: a line protocol on standard input and output.
 *
 * A line of input is a command and its arguments, NAME=VALUE, separated by blanks; texts are in hexadecimal digits.
 * The answer to a command is one line that begins with "= ". Callbacks write lines that begin with "! ".
 * All lines go out at once, whole, in the order in which they happen. */
#ifndef DIFFERENTIAL_H
#define DIFFERENTIAL_H

#include "MQTTProperties.h"
#include "MQTTReasonCodes.h"
#include "MQTTSubscribeOpts.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAXIMUM_ARGUMENTS 64
/* The topic of the message with which the server ends each step. */
#define BARRIER "~barrier"

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&output);
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&output);
    va_end(arguments);
}

/* A growing text. */
struct text {
    size_t length;
    char bytes[6000];
};

/* A new text; it is never freed by name, but belongs to the block of the caller. */
#define NEW_TEXT(name) \
    struct text name;  \
    name.length = 0;   \
    name.bytes[0] = '\0'

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof text->bytes - text->length;
    int length = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* Long values are shown by their length, first bytes and a checksum. */
static void add_hex(struct text *text, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    size_t shown = length > 64 ? 16 : length;
    if (length == 0)
        add(text, "-");
    for (size_t i = 0; i < shown; i++)
        add(text, "%02x", bytes[i]);
    if (shown < length) {
        unsigned sum = 0;
        for (size_t i = 0; i < length; i++)
            sum = sum * 31 + bytes[i];
        add(text, "..%zu:%08x", length, sum);
    }
}

static void add_properties(struct text *text, const MQTTProperties *properties)
{
    add(text, " {");
    for (int i = 0; properties && i < properties->count; i++) {
        const MQTTProperty *property = &properties->array[i];
        add(text, " %d=", property->identifier);
        switch (MQTTProperty_getType(property->identifier)) {
        case MQTTPROPERTY_TYPE_BYTE:
            add(text, "%u", property->value.byte);
            break;
        case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
            add(text, "%u", property->value.integer2);
            break;
        case MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER:
        case MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER:
            add(text, "%u", property->value.integer4);
            break;
        default:
            add_hex(text, property->value.data.data, (size_t)property->value.data.len);
            if (property->identifier == MQTTPROPERTY_CODE_USER_PROPERTY) {
                add(text, "/");
                add_hex(text, property->value.value.data, (size_t)property->value.value.len);
            }
        }
    }
    add(text, " }");
}

/* One line of input, taken apart. */
struct command {
    int count;
    char *arguments[MAXIMUM_ARGUMENTS];
    char line[30000];
};

static int next_command(struct command *command)
{
    if (!fgets(command->line, sizeof command->line, stdin))
        return 0;
    command->count = 0;
    for (char *word = strtok(command->line, " \n"); word; word = strtok(NULL, " \n"))
        if (command->count < MAXIMUM_ARGUMENTS)
            command->arguments[command->count++] = word;
    return 1;
}

static int is(const struct command *command, const char *name)
{
    return command->count > 0 && strcmp(command->arguments[0], name) == 0;
}

/* The value of an argument; NULL: it is not there. */
static char *argument(const struct command *command, const char *name)
{
    size_t length = strlen(name);
    for (int i = 1; i < command->count; i++)
        if (strncmp(command->arguments[i], name, length) == 0 && command->arguments[i][length] == '=')
            return command->arguments[i] + length + 1;
    return NULL;
}

/* Of several arguments NAME0, NAME1 ... one. */
static char *argument_at(const struct command *command, const char *name, int index)
{
    char full[32];
    snprintf(full, sizeof full, "%s%d", name, index);
    return argument(command, full);
}

static int number(const struct command *command, const char *name)
{
    const char *value = argument(command, name);
    return value ? atoi(value) : 0;
}

static int number_at(const struct command *command, const char *name, int index)
{
    const char *value = argument_at(command, name, index);
    return value ? atoi(value) : 0;
}

static int digit(char character)
{
    const char *digits = "0123456789abcdef", *place = character ? strchr(digits, character) : NULL;
    return place ? (int)(place - digits) : -1;
}

/* Turns hexadecimal digits in place into the bytes that they name, up to the first other character. */
static char *decode(char *digits, int *length)
{
    int count = 0;
    for (; digits && digit(digits[2 * count]) >= 0; count++)
        digits[count] = (char)(digit(digits[2 * count]) << 4 | digit(digits[2 * count + 1]));
    if (digits)
        digits[count] = '\0';
    if (length)
        *length = count;
    return digits;
}

static char *bytes(const struct command *command, const char *name, int *length)
{
    return decode(argument(command, name), length);
}

static MQTTProperty one_property(char *item)
{
    MQTTProperty property;
    memset(&property, 0, sizeof property);
    property.identifier = (enum MQTTPropertyCodes)strtol(item, &item, 10);
    item++;
    switch (MQTTProperty_getType(property.identifier)) {
    case MQTTPROPERTY_TYPE_BYTE:
        property.value.byte = (unsigned char)atoi(item);
        break;
    case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
        property.value.integer2 = (unsigned short)atoi(item);
        break;
    case MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER:
    case MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER:
        property.value.integer4 = (unsigned)atoi(item);
        break;
    default: {
        char *value = strchr(item, '/');
        if (value) {
            *value = '\0';
            property.value.value.data = decode(value + 1, &property.value.value.len);
        }
        property.value.data.data = decode(item, &property.value.data.len);
    }
    }
    return property;
}

/* The properties of an argument: IDENTIFIER:VALUE,IDENTIFIER:VALUE ... To be freed. */
static MQTTProperties properties(const struct command *command, const char *name)
{
    MQTTProperties list = MQTTProperties_initializer;
    char *rest = argument(command, name), *place = NULL;
    for (char *item = rest ? strtok_r(rest, ",", &place) : NULL; item; item = strtok_r(NULL, ",", &place)) {
        MQTTProperty property = one_property(item);
        MQTTProperties_add(&list, &property);
    }
    return list;
}

/* The arguments of subscribe and unsubscribe. */
struct filters {
    int count;
    char *filters[MAXIMUM_ARGUMENTS];
    int qos[MAXIMUM_ARGUMENTS];
    MQTTSubscribe_options options[MAXIMUM_ARGUMENTS];
};

static void read_filters(struct filters *filters, const struct command *command)
{
    const MQTTSubscribe_options usual = MQTTSubscribe_options_initializer;
    for (filters->count = 0; argument_at(command, "filter", filters->count); filters->count++) {
        int index = filters->count, bits = number_at(command, "options", index);
        filters->filters[index] = decode(argument_at(command, "filter", index), NULL);
        filters->qos[index] = number_at(command, "qos", index);
        filters->options[index] = usual;
        filters->options[index].noLocal = bits & 1;
        filters->options[index].retainAsPublished = bits >> 1 & 1;
        filters->options[index].retainHandling = (unsigned char)(bits >> 2 & 3);
    }
}

#endif
