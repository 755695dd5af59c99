/**
 * @file
 * The prefix of all function declarations in these headers.
 *
 * Applications define nothing, or on Windows PAHO_MQTT_IMPORTS to use the DLL. PAHO_MQTT_EXPORTS is defined only to
 * build the library itself.
 */

#if !defined(EXPORTDECLARATIONS_H)
#define EXPORTDECLARATIONS_H

#if defined(_WIN32)
#  if defined(PAHO_MQTT_EXPORTS)
#    define LIBMQTT_API __declspec(dllexport)
#  elif defined(PAHO_MQTT_IMPORTS)
#    define LIBMQTT_API __declspec(dllimport)
#  else
#    define LIBMQTT_API
#  endif
#elif defined(PAHO_MQTT_EXPORTS)
#  define LIBMQTT_API __attribute__ ((visibility ("default")))
#else
#  define LIBMQTT_API extern
#endif

#endif /* EXPORTDECLARATIONS_H */
