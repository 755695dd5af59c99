// Package pahomqtt is the synchronous MQTT client for Go, through cgo and the C headers: CGO_CFLAGS and CGO_LDFLAGS name
// their places if they are not installed. For TLS link with -lpaho-mqtt3cs.
package pahomqtt

/*
#cgo LDFLAGS: -lpaho-mqtt3c
#include <stdint.h>
#include <stdlib.h>
#include "MQTTClient.h"

extern int pahoArrived(void *context, char *topic, int length, MQTTClient_message *message);
extern void pahoDelivered(void *context, int token);
extern void pahoLost(void *context, char *cause);

// A handle of cgo is a number, which travels as the context.
static int set_callbacks(MQTTClient client, uintptr_t context) {
    return MQTTClient_setCallbacks(client, (void *)context, pahoLost, pahoArrived, pahoDelivered);
}

static MQTTClient_connectOptions connect_options(void) {
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    return options;
}

static MQTTClient_SSLOptions ssl_options(void) {
    MQTTClient_SSLOptions options = MQTTClient_SSLOptions_initializer;
    return options;
}

static MQTTClient_willOptions will_options(void) {
    MQTTClient_willOptions options = MQTTClient_willOptions_initializer;
    return options;
}
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"time"
	"unsafe"
)

// Error is a call that has failed.
type Error struct {
	Action string
	Code   int
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (%d)", e.Action, C.GoString(C.MQTTClient_strerror(C.int(e.Code))), e.Code)
}

func check(action string, code C.int) error {
	if code != 0 {
		return &Error{action, int(code)}
	}
	return nil
}

// Handlers are called on threads of the library, one at a time. Delivered and Lost may be nil.
type Handlers struct {
	Arrived   func(topic string, payload []byte, qos int)
	Delivered func(token int)
	Lost      func()
}

// TLS says how servers with TLS are checked: the certificate has to be valid, and for the host of the URI.
type TLS struct {
	TrustStore, KeyStore, PrivateKey string
}

// Will is the message that the server sends if the connection is lost.
type Will struct {
	Topic, Message string
	QoS            int
	Retained       bool
}

// Options of a connection; the zero value is that of the headers' initializer, with ten messages in flight.
type Options struct {
	KeepAlive          time.Duration
	KeepSession        bool
	UserName, Password string
	TLS                *TLS
	Will               *Will
}

// Client is a client whose messages go to handlers.
type Client struct {
	client C.MQTTClient
	handle cgo.Handle
}

// New makes a client. Close ends it.
func New(uri, clientID string, handlers Handlers) (*Client, error) {
	cURI, cID := C.CString(uri), C.CString(clientID)
	defer C.free(unsafe.Pointer(cURI))
	defer C.free(unsafe.Pointer(cID))
	c := &Client{}
	if err := check("create", C.MQTTClient_create(&c.client, cURI, cID, C.MQTTCLIENT_PERSISTENCE_NONE, nil)); err != nil {
		return nil, err
	}
	c.handle = cgo.NewHandle(handlers)
	if err := check("setCallbacks", C.set_callbacks(c.client, C.uintptr_t(c.handle))); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// text is a C string, or nil for an empty one; all of them are freed by the function that is returned.
func texts() (text func(string) *C.char, free func()) {
	var all []unsafe.Pointer
	text = func(value string) *C.char {
		if value == "" {
			return nil
		}
		c := C.CString(value)
		all = append(all, unsafe.Pointer(c))
		return c
	}
	return text, func() {
		for _, memory := range all {
			C.free(memory)
		}
	}
}

// Connect connects and waits for the answer.
func (c *Client) Connect(given Options) error {
	text, free := texts()
	defer free()
	options := C.connect_options()
	options.reliable = 0
	options.username, options.password = text(given.UserName), text(given.Password)
	if given.KeepAlive > 0 {
		options.keepAliveInterval = C.int(given.KeepAlive / time.Second)
	}
	if given.KeepSession {
		options.cleansession = 0
	}
	// What the options point to lies in C memory: Go pointers must not be in it.
	if given.TLS != nil {
		ssl := (*C.MQTTClient_SSLOptions)(C.malloc(C.sizeof_MQTTClient_SSLOptions))
		defer C.free(unsafe.Pointer(ssl))
		*ssl = C.ssl_options()
		ssl.verify = 1
		ssl.trustStore, ssl.keyStore = text(given.TLS.TrustStore), text(given.TLS.KeyStore)
		ssl.privateKey = text(given.TLS.PrivateKey)
		options.ssl = ssl
	}
	if given.Will != nil {
		will := (*C.MQTTClient_willOptions)(C.malloc(C.sizeof_MQTTClient_willOptions))
		defer C.free(unsafe.Pointer(will))
		*will = C.will_options()
		will.topicName, will.message = text(given.Will.Topic), text(given.Will.Message)
		will.qos, will.retained = C.int(given.Will.QoS), number(given.Will.Retained)
		options.will = will
	}
	return check("connect", C.MQTTClient_connect(c.client, &options))
}

func number(value bool) C.int {
	if value {
		return 1
	}
	return 0
}

// Subscribe subscribes and waits for the answer.
func (c *Client) Subscribe(topic string, qos int) error {
	cTopic := C.CString(topic)
	defer C.free(unsafe.Pointer(cTopic))
	return check("subscribe", C.MQTTClient_subscribe(c.client, cTopic, C.int(qos)))
}

// Publish sends a message and returns its token, for Wait.
func (c *Client) Publish(topic string, payload []byte, qos int, retained bool) (int, error) {
	cTopic, data := C.CString(topic), C.CBytes(payload)
	defer C.free(unsafe.Pointer(cTopic))
	defer C.free(data)
	var token C.MQTTClient_deliveryToken
	code := C.MQTTClient_publish(c.client, cTopic, C.int(len(payload)), data, C.int(qos), number(retained), &token)
	return int(token), check("publish", code)
}

// Wait waits until a message is delivered.
func (c *Client) Wait(token int, limit time.Duration) error {
	code := C.MQTTClient_waitForCompletion(c.client, C.MQTTClient_deliveryToken(token), C.ulong(limit.Milliseconds()))
	return check("waitForCompletion", code)
}

// Disconnect waits so long for messages in flight.
func (c *Client) Disconnect(limit time.Duration) error {
	return check("disconnect", C.MQTTClient_disconnect(c.client, C.int(limit.Milliseconds())))
}

// Close ends the client; no handler runs afterwards.
func (c *Client) Close() {
	C.MQTTClient_destroy(&c.client)
	c.handle.Delete()
}

func handlers(context unsafe.Pointer) Handlers {
	return cgo.Handle(uintptr(context)).Value().(Handlers)
}

//export pahoArrived
func pahoArrived(context unsafe.Pointer, topic *C.char, length C.int, message *C.MQTTClient_message) C.int {
	name := C.GoString(topic)
	if length > 0 {
		name = C.GoStringN(topic, length)
	}
	payload, qos := C.GoBytes(message.payload, message.payloadlen), int(message.qos)
	// Both belong to us, since we return 1.
	C.MQTTClient_freeMessage(&message)
	C.MQTTClient_free(unsafe.Pointer(topic))
	handlers(context).Arrived(name, payload, qos)
	return 1
}

//export pahoDelivered
func pahoDelivered(context unsafe.Pointer, token C.int) {
	if delivered := handlers(context).Delivered; delivered != nil {
		delivered(int(token))
	}
}

//export pahoLost
func pahoLost(context unsafe.Pointer, _ *C.char) {
	if lost := handlers(context).Lost; lost != nil {
		lost()
	}
}
