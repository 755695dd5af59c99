import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;

/** The synchronous MQTT client for Java, through JNA: its structures and functions, and a class around a client. */
public final class PahoMqtt {
    private PahoMqtt() {}

    /** What the dynamic linker finds; for TLS it is libpaho-mqtt3cs.so.1. */
    private static final String LIBRARY =
            System.getenv().getOrDefault("PAHO_MQTT_LIBRARY", "libpaho-mqtt3c.so.1");

    private static final Functions LIB = Native.load(LIBRARY, Functions.class);

    private static final int NO_PERSISTENCE = 1;

    @FieldOrder({"count", "max_count", "length", "array"})
    public static class Properties extends Structure {
        public int count, max_count, length;
        public Pointer array;
    }

    @FieldOrder({"struct_id", "struct_version", "payloadlen", "payload", "qos", "retained", "dup", "msgid", "properties"})
    public static final class Message extends Structure {
        public byte[] struct_id = new byte[4];
        public int struct_version, payloadlen;
        public Pointer payload;
        public int qos, retained, dup, msgid;
        public Properties properties;

        public Message(Pointer memory) {
            super(memory);
            read();
        }
    }

    @FieldOrder({"len", "data"})
    public static class Data extends Structure {
        public int len;
        public Pointer data;
    }

    @FieldOrder({"serverURI", "MQTTVersion", "sessionPresent"})
    public static class Returned extends Structure {
        public Pointer serverURI;
        public int MQTTVersion, sessionPresent;
    }

    @FieldOrder({"struct_id", "struct_version", "topicName", "message", "retained", "qos", "payload"})
    public static class WillOptions extends Structure implements Structure.ByReference {
        public byte[] struct_id = letters("MQTW");
        public int struct_version = 1;
        public String topicName, message;
        public int retained, qos;
        public Data payload;
    }

    /** The server's certificate has to be valid, and for the host of the URI. */
    @FieldOrder({"struct_id", "struct_version", "trustStore", "keyStore", "privateKey", "privateKeyPassword",
        "enabledCipherSuites", "enableServerCertAuth", "sslVersion", "verify", "CApath", "ssl_error_cb",
        "ssl_error_context", "ssl_psk_cb", "ssl_psk_context", "disableDefaultTrustStore", "protos", "protos_len"})
    public static class SSLOptions extends Structure implements Structure.ByReference {
        public byte[] struct_id = letters("MQTS");
        public int struct_version = 5;
        public String trustStore, keyStore, privateKey, privateKeyPassword, enabledCipherSuites;
        public int enableServerCertAuth = 1, sslVersion, verify = 1;
        public String CApath;
        public Pointer ssl_error_cb, ssl_error_context, ssl_psk_cb, ssl_psk_context;
        public int disableDefaultTrustStore;
        public Pointer protos;
        public int protos_len;
    }

    @FieldOrder({"struct_id", "struct_version", "keepAliveInterval", "cleansession", "reliable", "will", "username",
        "password", "connectTimeout", "retryInterval", "ssl", "serverURIcount", "serverURIs", "MQTTVersion", "returned",
        "binarypwd", "maxInflightMessages", "cleanstart", "httpHeaders", "httpProxy", "httpsProxy"})
    public static class ConnectOptions extends Structure {
        public byte[] struct_id = letters("MQTC");
        public int struct_version = 8, keepAliveInterval = 60, cleansession = 1, reliable;
        public WillOptions will;
        public String username, password;
        public int connectTimeout = 30, retryInterval;
        public SSLOptions ssl;
        public int serverURIcount;
        public Pointer serverURIs;
        public int MQTTVersion;
        public Returned returned;
        public Data binarypwd;
        public int maxInflightMessages = 10, cleanstart;
        public Pointer httpHeaders;
        public String httpProxy, httpsProxy;
    }

    private interface ConnectionLost extends Callback {
        void call(Pointer context, Pointer cause);
    }

    private interface MessageArrived extends Callback {
        int call(Pointer context, Pointer topic, int length, Pointer message);
    }

    private interface DeliveryComplete extends Callback {
        void call(Pointer context, int token);
    }

    private interface Functions extends Library {
        int MQTTClient_create(PointerByReference handle, String uri, String clientId, int persistence, Pointer context);

        int MQTTClient_setCallbacks(
                Pointer handle, Pointer context, ConnectionLost lost, MessageArrived arrived, DeliveryComplete delivered);

        int MQTTClient_connect(Pointer handle, ConnectOptions options);

        int MQTTClient_subscribe(Pointer handle, String topic, int qos);

        int MQTTClient_publish(
                Pointer handle, String topic, int length, byte[] payload, int qos, int retained, IntByReference token);

        int MQTTClient_waitForCompletion(Pointer handle, int token, NativeLong milliseconds);

        int MQTTClient_disconnect(Pointer handle, int milliseconds);

        void MQTTClient_destroy(PointerByReference handle);

        String MQTTClient_strerror(int code);

        void MQTTClient_freeMessage(PointerByReference message);

        void MQTTClient_free(Pointer memory);
    }

    private static byte[] letters(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A call has failed. */
    public static final class MqttException extends RuntimeException {
        private static final long serialVersionUID = 1;
        public final int code;

        MqttException(String action, int code) {
            super(action + ": " + LIB.MQTTClient_strerror(code) + " (" + code + ")");
            this.code = code;
        }
    }

    private static void check(String action, int code) {
        if (code != 0) throw new MqttException(action, code);
    }

    /** Callbacks of a client. They run on a thread of the library. */
    public interface Listener {
        void arrived(String topic, byte[] payload, int qos);

        default void delivered(int token) {}

        default void lost() {}
    }

    /** A client whose messages go to a listener. */
    public static final class Client implements AutoCloseable {
        private final PointerByReference handle = new PointerByReference();
        // The library calls these objects as long as the client lives, so they must not be collected before.
        private final ConnectionLost lost;
        private final MessageArrived arrived;
        private final DeliveryComplete delivered;

        public Client(String uri, String clientId, Listener listener) {
            check("create", LIB.MQTTClient_create(handle, uri, clientId, NO_PERSISTENCE, null));
            lost = (context, cause) -> listener.lost();
            delivered = (context, token) -> listener.delivered(token);
            arrived = (context, topic, length, memory) -> {
                Message message = new Message(memory);
                byte[] payload = message.payload.getByteArray(0, message.payloadlen);
                String name = length > 0
                        ? new String(topic.getByteArray(0, length), StandardCharsets.UTF_8)
                        : topic.getString(0, "UTF-8");
                int qos = message.qos;
                // Both belong to us, since we return 1.
                LIB.MQTTClient_freeMessage(new PointerByReference(memory));
                LIB.MQTTClient_free(topic);
                listener.arrived(name, payload, qos);
                return 1;
            };
            check("setCallbacks", LIB.MQTTClient_setCallbacks(handle.getValue(), null, lost, arrived, delivered));
        }

        public void connect(ConnectOptions options) {
            check("connect", LIB.MQTTClient_connect(handle.getValue(), options));
        }

        public void subscribe(String topic, int qos) {
            check("subscribe", LIB.MQTTClient_subscribe(handle.getValue(), topic, qos));
        }

        /** The token of the message, for await(). */
        public int publish(String topic, byte[] payload, int qos, boolean retained) {
            IntByReference token = new IntByReference();
            check("publish", LIB.MQTTClient_publish(
                    handle.getValue(), topic, payload.length, payload, qos, retained ? 1 : 0, token));
            return token.getValue();
        }

        public void await(int token, int milliseconds) {
            check("waitForCompletion",
                    LIB.MQTTClient_waitForCompletion(handle.getValue(), token, new NativeLong(milliseconds)));
        }

        public void disconnect(int milliseconds) {
            check("disconnect", LIB.MQTTClient_disconnect(handle.getValue(), milliseconds));
        }

        @Override
        public void close() {
            LIB.MQTTClient_destroy(handle);
        }
    }
}
