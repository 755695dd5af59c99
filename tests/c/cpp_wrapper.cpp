// A program of the C++ wrapper: publish, subscribe, consume, reconnect and MQTT 5 properties.
//
// cpp_wrapper URI VERSION: VERSION is 4 or 5. It says what happens line by line, and goes on after each line that it
// reads from its standard input: first when the connection was cut, then at the end.

#include <mqtt/async_client.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>

namespace {

const auto limit = std::chrono::seconds(15);

void say(const std::string& line)
{
    std::cout << line << std::endl;
}

[[noreturn]] void fail(const std::string& what)
{
    std::cerr << what << std::endl;
    std::_Exit(1);
}

template <typename Token>
void finish(const Token& token, const char* what)
{
    if (!token->wait_for(limit))
        fail(std::string(what) + " does not end");
    token->wait();
}

// Counts how often the client was connected.
class Connections {
public:
    void add()
    {
        std::lock_guard<std::mutex> guard(mutex_);
        ++count_;
        changed_.notify_all();
    }

    void wait_for(int count)
    {
        std::unique_lock<std::mutex> guard(mutex_);
        if (!changed_.wait_for(guard, limit, [&] { return count_ >= count; }))
            fail("not connected again");
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

void wait_for_line()
{
    std::string line;
    if (!std::getline(std::cin, line))
        fail("no line to read");
}

mqtt::connect_options options(int version)
{
    mqtt::connect_options options;
    if (version == MQTTVERSION_5) {
        options.set_mqtt_version(MQTTVERSION_5);
        options.set_clean_start(true);
        options.set_properties({ { mqtt::property::SESSION_EXPIRY_INTERVAL, 600 } });
    } else {
        options.set_clean_session(true);
    }
    options.set_automatic_reconnect(1, 2);
    return options;
}

void subscribe(mqtt::async_client& client)
{
    auto token = client.subscribe("wrapper/#", 2);
    finish(token, "subscribe");
    say("subscribed " + std::to_string(int(token->get_subscribe_response().get_reason_codes().at(0))));
}

void publish(mqtt::async_client& client, int version, int qos, const std::string& payload)
{
    auto message = mqtt::make_message("wrapper/topic", payload, qos, false);
    if (version == MQTTVERSION_5)
        message->set_properties({ { mqtt::property::USER_PROPERTY, "name", "of " + payload },
                                  { mqtt::property::CONTENT_TYPE, "text" } });
    finish(client.publish(message), "publish");
}

// The server acknowledges these with reason 0x10 in MQTT 5: no matching subscribers.
void publish_to_nobody(mqtt::async_client& client)
{
    for (int qos = 1; qos <= 2; ++qos)
        finish(client.publish(mqtt::make_message("nobody", "x", qos, false)), "publish");
    say("published to nobody");
}

void consume(mqtt::async_client& client)
{
    mqtt::const_message_ptr message;
    // An empty message stands for the lost connection.
    do {
        if (!client.try_consume_message_for(&message, limit))
            fail("no message");
    } while (!message);
    std::string line = message->get_topic() + " " + message->to_string() + " " + std::to_string(message->get_qos());
    const auto& properties = message->get_properties();
    if (properties.contains(mqtt::property::USER_PROPERTY)) {
        auto [name, value] = mqtt::get<mqtt::string_pair>(properties, mqtt::property::USER_PROPERTY);
        line += " " + name + "=" + value;
        line += " " + mqtt::get<mqtt::string>(properties, mqtt::property::CONTENT_TYPE);
    }
    say(line);
}

void exchange(mqtt::async_client& client, int version, const std::string& name)
{
    for (int qos = 0; qos <= 2; ++qos) {
        publish(client, version, qos, name + std::to_string(qos));
        consume(client);
    }
}

void run(const std::string& uri, int version)
{
    Connections connections;
    mqtt::create_options create(version);
    mqtt::async_client client(uri, "wrapper", create);
    client.set_connected_handler([&](const std::string&) { connections.add(); });
    client.start_consuming();
    auto token = client.connect(options(version));
    finish(token, "connect");
    auto response = token->get_connect_response();
    say("connected " + std::to_string(response.get_mqtt_version()) + (response.is_session_present() ? " present" : ""));
    connections.wait_for(1);
    publish_to_nobody(client);
    subscribe(client);
    exchange(client, version, "first");
    say("cut me");
    wait_for_line();
    connections.wait_for(2);
    say("connected again");
    subscribe(client);
    exchange(client, version, "second");
    finish(client.unsubscribe("wrapper/#"), "unsubscribe");
    client.stop_consuming();
    finish(client.disconnect(), "disconnect");
    say(client.is_connected() ? "still connected" : "disconnected");
}

} // namespace

int main(int argc, char* argv[])
{
    if (argc != 3)
        fail("cpp_wrapper URI VERSION");
    try {
        run(argv[1], std::atoi(argv[2]));
    } catch (const mqtt::exception& error) {
        fail(error.what());
    }
    return 0;
}
