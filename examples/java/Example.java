import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sends three messages with QoS 2 to itself.
 *
 * <pre>
 * javac -cp jna.jar *.java
 * java -cp jna.jar:. Example tcp://localhost:1883
 * </pre>
 */
public final class Example {
    private static final int COUNT = 3;

    public static void main(String[] arguments) throws InterruptedException {
        String uri = arguments.length > 0 ? arguments[0] : "tcp://localhost:1883";
        CountDownLatch waiting = new CountDownLatch(2 * COUNT);
        PahoMqtt.Listener listener = new PahoMqtt.Listener() {
            @Override
            public void arrived(String topic, byte[] payload, int qos) {
                System.out.println(topic + " at QoS " + qos + ": " + new String(payload, StandardCharsets.UTF_8));
                waiting.countDown();
            }

            @Override
            public void delivered(int token) {
                waiting.countDown();
            }
        };
        try (PahoMqtt.Client client = new PahoMqtt.Client(uri, "java-example", listener)) {
            client.connect(new PahoMqtt.ConnectOptions());
            client.subscribe("example/java", 2);
            for (int n = 1; n <= COUNT; n++) {
                byte[] payload = ("message " + n).getBytes(StandardCharsets.UTF_8);
                client.await(client.publish("example/java", payload, 2, false), 10_000);
            }
            if (!waiting.await(10, TimeUnit.SECONDS)) throw new IllegalStateException("a message is missing");
            System.out.println(COUNT + " messages are delivered");
            client.disconnect(1000);
        }
    }
}
