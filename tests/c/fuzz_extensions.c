/* Functions that Paho C does not have: manual acknowledgement and authentication, rightly and wrongly. */
#include "fuzz.h"

#define EITHER(asynchronous, name, ...)                                                                                      \
    ((asynchronous) ? CALL(MQTTAsyncExt_##name, __VA_ARGS__) : CALL(MQTTClientExt_##name, __VA_ARGS__))

static int is_there(int asynchronous)
{
    return asynchronous ? library.MQTTAsyncExt_acknowledge != NULL : library.MQTTClientExt_acknowledge != NULL;
}

/* Runs on any thread, also beside callbacks: it throws no dice. */
static int authenticate(void *context, MQTTExt_authentication *step)
{
    const char *text = context;
    unsigned sum = (unsigned)step->step;
    for (int i = 0; i < step->dataLength; i++)
        sum += ((const unsigned char *)step->data)[i];
    step->answer = text;
    step->answerLength = (int)(sum % (strlen(text) + 1));
    return sum % 32 == 31;
}

void extend(void *handle, int asynchronous, struct dice *dice)
{
    if (!is_there(asynchronous))
        return;
    if (once_in(dice, 3))
        EITHER(asynchronous, setOption, handle, "acknowledgement", "manual", NULL, 0);
    if (once_in(dice, 3))
        EITHER(asynchronous, setAuthentication, handle, "M", "an answer of some length", authenticate);
}

void acknowledge_message(void *handle, int asynchronous, int msgid, struct dice *dice)
{
    if (!is_there(asynchronous) || once_in(dice, 6))
        return;
    if (once_in(dice, 12))
        msgid ^= 1 << pick(dice, 31);
    int code = EITHER(asynchronous, acknowledge, handle, msgid);
    if (code != 0 && code != -1 && (code < -52 || code > -49))
        finding("acknowledge gives %d for %d", code, msgid);
}

void extension_step(void *handle, int asynchronous, struct dice *dice)
{
    if (!is_there(asynchronous))
        return;
    if (once_in(dice, 2)) {
        acknowledge_message(handle, asynchronous, (int)(1 + pick(dice, 3)) << 16 | (int)pick(dice, 40), dice);
        return;
    }
    int code = EITHER(asynchronous, reauthenticate, handle);
    if (code != 0 && code != -1 && code != -3 && (code < -55 || code > -53))
        finding("reauthenticate gives %d", code);
}
