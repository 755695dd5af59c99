/* What the two drivers of the differential tests share: a line protocol on standard input and output.
 *
 * A line of input is a command with its arguments, separated by blanks; texts are in hexadecimal digits, "-" is an empty one.
 * The answer to a command is one line that begins with "= ". Callbacks write lines that begin with "! ".
 * All lines go out at once, whole, in the order in which they happen. */
#ifndef DIFFERENTIAL_H
#define DIFFERENTIAL_H

#include "MQTTProperties.h"
#include "MQTTReasonCodes.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAXIMUM_ARGUMENTS 64
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
    char bytes[60000];
};

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

/* The properties of a message or a request: each bit of `choice` is one property. */
static MQTTProperties chosen_properties(int choice)
{
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property;
    memset(&property, 0, sizeof property);
    if (choice & 1) {
        property.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL;
        property.value.integer4 = 100;
        MQTTProperties_add(&properties, &property);
    }
    if (choice & 2) {
        property.identifier = MQTTPROPERTY_CODE_CONTENT_TYPE;
        property.value.data.data = "text";
        property.value.data.len = 4;
        MQTTProperties_add(&properties, &property);
    }
    if (choice & 4) {
        property.identifier = MQTTPROPERTY_CODE_TOPIC_ALIAS;
        property.value.integer2 = (unsigned short)(choice >> 8);
        MQTTProperties_add(&properties, &property);
    }
    if (choice & 8) {
        property.identifier = MQTTPROPERTY_CODE_USER_PROPERTY;
        property.value.data.data = "name";
        property.value.data.len = 4;
        property.value.value.data = "value";
        property.value.value.len = 5;
        MQTTProperties_add(&properties, &property);
    }
    if (choice & 16) {
        property.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
        property.value.integer4 = 1000;
        MQTTProperties_add(&properties, &property);
    }
    return properties;
}

/* One line of input, taken apart. */
struct command {
    int count;
    char *arguments[MAXIMUM_ARGUMENTS];
    char line[200000];
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

static int number(const struct command *command, int index)
{
    return index < command->count ? atoi(command->arguments[index]) : 0;
}

/* Turns an argument in place into the bytes that it names. */
static char *bytes(struct command *command, int index, int *length)
{
    char *word = command->arguments[index];
    int count = 0;
    if (word[0] != '-')
        for (unsigned value; sscanf(word + 2 * count, "%2x", &value) == 1 && word[2 * count]; count++)
            word[count] = (char)value;
    word[count] = '\0';
    if (length)
        *length = count;
    return word;
}

#endif
