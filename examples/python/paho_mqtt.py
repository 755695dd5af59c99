"""The synchronous MQTT client for Python, through ctypes: its structures and functions, and a class around a client.

LIBRARY is what the dynamic linker finds; for TLS it is libpaho-mqtt3cs.so.1.
"""

import ctypes
import os
from ctypes import CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_int, c_ulong, c_void_p

LIBRARY = os.environ.get("PAHO_MQTT_LIBRARY", "libpaho-mqtt3c.so.1")


class Properties(Structure):
    _fields_ = [("count", c_int), ("max_count", c_int), ("length", c_int), ("array", c_void_p)]


class Message(Structure):
    _fields_ = [
        ("struct_id", c_char * 4),
        ("struct_version", c_int),
        ("payloadlen", c_int),
        ("payload", c_void_p),
        ("qos", c_int),
        ("retained", c_int),
        ("dup", c_int),
        ("msgid", c_int),
        ("properties", Properties),
    ]


class Data(Structure):
    _fields_ = [("len", c_int), ("data", c_void_p)]


class Returned(Structure):
    _fields_ = [("serverURI", c_char_p), ("MQTTVersion", c_int), ("sessionPresent", c_int)]


class WillOptions(Structure):
    _fields_ = [
        ("struct_id", c_char * 4),
        ("struct_version", c_int),
        ("topicName", c_char_p),
        ("message", c_char_p),
        ("retained", c_int),
        ("qos", c_int),
        ("payload", Data),
    ]

    def __init__(self, **fields):
        super().__init__(struct_id=b"MQTW", struct_version=1, **fields)


class SSLOptions(Structure):
    _fields_ = [
        ("struct_id", c_char * 4),
        ("struct_version", c_int),
        ("trustStore", c_char_p),
        ("keyStore", c_char_p),
        ("privateKey", c_char_p),
        ("privateKeyPassword", c_char_p),
        ("enabledCipherSuites", c_char_p),
        ("enableServerCertAuth", c_int),
        ("sslVersion", c_int),
        ("verify", c_int),
        ("CApath", c_char_p),
        ("ssl_error_cb", c_void_p),
        ("ssl_error_context", c_void_p),
        ("ssl_psk_cb", c_void_p),
        ("ssl_psk_context", c_void_p),
        ("disableDefaultTrustStore", c_int),
        ("protos", c_char_p),
        ("protos_len", ctypes.c_uint),
    ]

    def __init__(self, **fields):
        """The server's certificate has to be valid, and for the host of the URI."""
        fields = {"enableServerCertAuth": 1, "verify": 1, **fields}
        super().__init__(struct_id=b"MQTS", struct_version=5, **fields)


class ConnectOptions(Structure):
    _fields_ = [
        ("struct_id", c_char * 4),
        ("struct_version", c_int),
        ("keepAliveInterval", c_int),
        ("cleansession", c_int),
        ("reliable", c_int),
        ("will", POINTER(WillOptions)),
        ("username", c_char_p),
        ("password", c_char_p),
        ("connectTimeout", c_int),
        ("retryInterval", c_int),
        ("ssl", POINTER(SSLOptions)),
        ("serverURIcount", c_int),
        ("serverURIs", POINTER(c_char_p)),
        ("MQTTVersion", c_int),
        ("returned", Returned),
        ("binarypwd", Data),
        ("maxInflightMessages", c_int),
        ("cleanstart", c_int),
        ("httpHeaders", c_void_p),
        ("httpProxy", c_char_p),
        ("httpsProxy", c_char_p),
    ]

    def __init__(self, **fields):
        defaults = {"keepAliveInterval": 60, "cleansession": 1, "connectTimeout": 30, "maxInflightMessages": 10}
        super().__init__(struct_id=b"MQTC", struct_version=8, **{**defaults, **fields})


ConnectionLost = CFUNCTYPE(None, c_void_p, c_char_p)
MessageArrived = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, POINTER(Message))
DeliveryComplete = CFUNCTYPE(None, c_void_p, c_int)

_library = ctypes.CDLL(LIBRARY)


def _function(name, *arguments, result=c_int):
    function = getattr(_library, name)
    function.argtypes, function.restype = arguments, result
    return function


_create = _function("MQTTClient_create", POINTER(c_void_p), c_char_p, c_char_p, c_int, c_void_p)
_set_callbacks = _function(
    "MQTTClient_setCallbacks", c_void_p, c_void_p, ConnectionLost, MessageArrived, DeliveryComplete
)
_connect = _function("MQTTClient_connect", c_void_p, POINTER(ConnectOptions))
_subscribe = _function("MQTTClient_subscribe", c_void_p, c_char_p, c_int)
_publish = _function("MQTTClient_publish", c_void_p, c_char_p, c_int, c_char_p, c_int, c_int, POINTER(c_int))
_wait = _function("MQTTClient_waitForCompletion", c_void_p, c_int, c_ulong)
_disconnect = _function("MQTTClient_disconnect", c_void_p, c_int)
_destroy = _function("MQTTClient_destroy", POINTER(c_void_p), result=None)
_strerror = _function("MQTTClient_strerror", c_int, result=c_char_p)
_free_message = _function("MQTTClient_freeMessage", POINTER(POINTER(Message)), result=None)
_free = _function("MQTTClient_free", c_void_p, result=None)

NO_PERSISTENCE = 1


class MQTTError(Exception):
    def __init__(self, action, code):
        super().__init__(f"{action}: {_strerror(code).decode()} ({code})")
        self.code = code


def _check(action, code):
    if code != 0:
        raise MQTTError(action, code)


class Client:
    """A client whose messages arrive in a callback: on_message(topic, payload, qos), on a thread of the library."""

    def __init__(self, uri, client_id, on_message, on_delivered=None, on_lost=None):
        self._handle = c_void_p()
        _check("create", _create(self._handle, uri.encode(), client_id.encode(), NO_PERSISTENCE, None))
        self._on_message = on_message
        # The library calls these objects as long as the client lives, so they must not be collected before.
        self._callbacks = (
            ConnectionLost(lambda context, cause: on_lost() if on_lost else None),
            MessageArrived(self._arrived),
            DeliveryComplete(lambda context, token: on_delivered(token) if on_delivered else None),
        )
        _check("setCallbacks", _set_callbacks(self._handle, None, *self._callbacks))

    def _arrived(self, _context, topic, length, message):
        name = ctypes.string_at(topic, length) if length else ctypes.string_at(topic)
        payload = ctypes.string_at(message.contents.payload, message.contents.payloadlen)
        qos = message.contents.qos
        # Both belong to us when we return 1.
        _free_message(ctypes.byref(message))
        _free(topic)
        try:
            self._on_message(name.decode(), payload, qos)
        except Exception:  # an exception cannot pass through the library
            import traceback

            traceback.print_exc()
        return 1

    def connect(self, options=None):
        _check("connect", _connect(self._handle, options or ConnectOptions()))

    def subscribe(self, topic, qos):
        _check("subscribe", _subscribe(self._handle, topic.encode(), qos))

    def publish(self, topic, payload, qos=0, retained=False):
        """The token of the message, for wait()."""
        token = c_int()
        code = _publish(self._handle, topic.encode(), len(payload), payload, qos, retained, token)
        _check("publish", code)
        return token.value

    def wait(self, token, milliseconds=10000):
        _check("waitForCompletion", _wait(self._handle, token, milliseconds))

    def disconnect(self, milliseconds=1000):
        _check("disconnect", _disconnect(self._handle, milliseconds))

    def close(self):
        _destroy(self._handle)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()
