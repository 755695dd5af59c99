// The synchronous MQTT client for Node.js, through koffi (npm install koffi): its structures and functions, and a class
// around a client. Calls that wait for the server run on threads of koffi, so they return promises.
'use strict';

const koffi = require('koffi');

// What the dynamic linker finds; for TLS it is libpaho-mqtt3cs.so.1.
const library = koffi.load(process.env.PAHO_MQTT_LIBRARY || 'libpaho-mqtt3c.so.1');

const Properties = koffi.struct('MQTTProperties', {
  count: 'int', max_count: 'int', length: 'int', array: 'void *',
});
const Message = koffi.struct('MQTTClient_message', {
  struct_id: koffi.array('char', 4), struct_version: 'int', payloadlen: 'int', payload: 'void *', qos: 'int',
  retained: 'int', dup: 'int', msgid: 'int', properties: Properties,
});
const Data = koffi.struct('MQTT_data', { len: 'int', data: 'void *' });
const Returned = koffi.struct('MQTT_returned', { serverURI: 'void *', MQTTVersion: 'int', sessionPresent: 'int' });
const WillOptions = koffi.struct('MQTTClient_willOptions', {
  struct_id: koffi.array('char', 4), struct_version: 'int', topicName: 'str', message: 'str', retained: 'int',
  qos: 'int', payload: Data,
});
const SSLOptions = koffi.struct('MQTTClient_SSLOptions', {
  struct_id: koffi.array('char', 4), struct_version: 'int', trustStore: 'str', keyStore: 'str', privateKey: 'str',
  privateKeyPassword: 'str', enabledCipherSuites: 'str', enableServerCertAuth: 'int', sslVersion: 'int', verify: 'int',
  CApath: 'str', ssl_error_cb: 'void *', ssl_error_context: 'void *', ssl_psk_cb: 'void *', ssl_psk_context: 'void *',
  disableDefaultTrustStore: 'int', protos: 'str', protos_len: 'uint',
});
const ConnectOptions = koffi.struct('MQTTClient_connectOptions', {
  struct_id: koffi.array('char', 4), struct_version: 'int', keepAliveInterval: 'int', cleansession: 'int',
  reliable: 'int', will: koffi.pointer(WillOptions), username: 'str', password: 'str', connectTimeout: 'int',
  retryInterval: 'int', ssl: koffi.pointer(SSLOptions), serverURIcount: 'int', serverURIs: 'void *', MQTTVersion: 'int',
  returned: Returned, binarypwd: Data, maxInflightMessages: 'int', cleanstart: 'int', httpHeaders: 'void *',
  httpProxy: 'str', httpsProxy: 'str',
});

const ConnectionLost = koffi.proto('void connectionLost(void *context, const char *cause)');
const MessageArrived = koffi.proto('int messageArrived(void *context, void *topic, int length, void *message)');
const DeliveryComplete = koffi.proto('void deliveryComplete(void *context, int token)');

const create = library.func('MQTTClient_create', 'int', [koffi.out(koffi.pointer('void *')), 'str', 'str', 'int', 'void *']);
const setCallbacks = library.func('MQTTClient_setCallbacks', 'int', [
  'void *', 'void *', koffi.pointer(ConnectionLost), koffi.pointer(MessageArrived), koffi.pointer(DeliveryComplete),
]);
const connect = library.func('MQTTClient_connect', 'int', ['void *', koffi.inout(koffi.pointer(ConnectOptions))]);
const subscribe = library.func('MQTTClient_subscribe', 'int', ['void *', 'str', 'int']);
const publish = library.func('MQTTClient_publish', 'int', [
  'void *', 'str', 'int', 'void *', 'int', 'int', koffi.out(koffi.pointer('int')),
]);
const waitForCompletion = library.func('MQTTClient_waitForCompletion', 'int', ['void *', 'int', 'ulong']);
const disconnect = library.func('MQTTClient_disconnect', 'int', ['void *', 'int']);
const destroy = library.func('MQTTClient_destroy', 'void', [koffi.inout(koffi.pointer('void *'))]);
const strerror = library.func('MQTTClient_strerror', 'str', ['int']);
const freeMessage = library.func('MQTTClient_freeMessage', 'void', [koffi.inout(koffi.pointer('void *'))]);
const free = library.func('MQTTClient_free', 'void', ['void *']);

const NO_PERSISTENCE = 1;

const letters = (id) => [...id].map((letter) => letter.charCodeAt(0));

// Options as the initializers of the headers have them; fields in the argument replace them.
const connectOptions = (fields = {}) => ({
  struct_id: letters('MQTC'), struct_version: 8, keepAliveInterval: 60, cleansession: 1, reliable: 0, will: null,
  username: null, password: null, connectTimeout: 30, retryInterval: 0, ssl: null, serverURIcount: 0, serverURIs: null,
  MQTTVersion: 0, returned: { serverURI: null, MQTTVersion: 0, sessionPresent: 0 }, binarypwd: { len: 0, data: null },
  maxInflightMessages: 10, cleanstart: 0, httpHeaders: null, httpProxy: null, httpsProxy: null, ...fields,
});
const willOptions = (fields) => ({
  struct_id: letters('MQTW'), struct_version: 1, topicName: null, message: null, retained: 0, qos: 0,
  payload: { len: 0, data: null }, ...fields,
});
// The server's certificate has to be valid, and for the host of the URI.
const sslOptions = (fields = {}) => ({
  struct_id: letters('MQTS'), struct_version: 5, trustStore: null, keyStore: null, privateKey: null,
  privateKeyPassword: null, enabledCipherSuites: null, enableServerCertAuth: 1, sslVersion: 0, verify: 1, CApath: null,
  ssl_error_cb: null, ssl_error_context: null, ssl_psk_cb: null, ssl_psk_context: null, disableDefaultTrustStore: 0,
  protos: null, protos_len: 0, ...fields,
});

class MQTTError extends Error {
  constructor(action, code) {
    super(`${action}: ${strerror(code)} (${code})`);
    this.code = code;
  }
}

const check = (action, code) => {
  if (code !== 0) throw new MQTTError(action, code);
};

// A call on another thread: a callback of the library runs on this one, so this one must not wait for the library.
const call = (action, f, ...values) => new Promise((resolve, reject) => {
  f.async(...values, (error, code) => {
    if (error || code !== 0) reject(error || new MQTTError(action, code));
    else resolve();
  });
});

// onMessage(topic, payload, qos), onDelivered(token) and onLost() are called on the thread of JavaScript. The process lives
// until the client is closed; do not end it before, because a thread of the library may be about to call a callback.
class Client {
  constructor(uri, clientId, { onMessage, onDelivered = () => {}, onLost = () => {} }) {
    const out = [null];
    check('create', create(out, uri, clientId, NO_PERSISTENCE, null));
    [this.handle] = out;
    this.callbacks = [
      koffi.register(() => onLost(), koffi.pointer(ConnectionLost)),
      koffi.register((context, topic, length, message) => {
        const { payload, payloadlen, qos } = koffi.decode(message, Message);
        const bytes = Buffer.from(koffi.decode(payload, koffi.array('uint8_t', payloadlen)));
        const name = length > 0 ? koffi.decode(topic, 'char', length) : koffi.decode(topic, 'char', -1);
        freeMessage([message]); // both belong to us, since we return 1
        free(topic);
        try {
          onMessage(name, bytes, qos);
        } catch (error) {
          console.error(error); // an exception cannot pass through the library
        }
        return 1;
      }, koffi.pointer(MessageArrived)),
      koffi.register((context, token) => onDelivered(token), koffi.pointer(DeliveryComplete)),
    ];
    check('setCallbacks', setCallbacks(this.handle, null, ...this.callbacks));
    // Node.js ends when it waits for nothing it knows of, and callbacks of libraries are not among that.
    this.alive = setInterval(() => {}, 0x7fffffff);
  }

  connect(options = connectOptions()) { return call('connect', connect, this.handle, options); }

  subscribe(topic, qos) { return call('subscribe', subscribe, this.handle, topic, qos); }

  // The token of the message, for wait().
  async publish(topic, payload, qos = 0, retained = false) {
    const token = [0];
    const bytes = Buffer.from(payload);
    await call('publish', publish, this.handle, topic, bytes.length, bytes, qos, retained ? 1 : 0, token);
    return token[0];
  }

  wait(token, milliseconds = 10000) {
    return call('waitForCompletion', waitForCompletion, this.handle, token, milliseconds);
  }

  disconnect(milliseconds = 1000) { return call('disconnect', disconnect, this.handle, milliseconds); }

  // After the last callback has returned: disconnect first.
  async close() {
    await new Promise((resolve) => { destroy.async([this.handle], resolve); });
    this.callbacks.forEach((callback) => koffi.unregister(callback));
    clearInterval(this.alive);
  }
}

module.exports = { Client, MQTTError, connectOptions, sslOptions, willOptions };
