// The synchronous MQTT client for C++: clients, messages and texts that free themselves, and exceptions in place of codes.
// Link with -lpaho-mqtt3cs, or -lpaho-mqtt3c without TLS.
#ifndef MQTT_HPP
#define MQTT_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "MQTTClient.h"

namespace mqtt {

// A call has failed.
class error : public std::runtime_error {
public:
    error(const std::string& action, int code)
        : std::runtime_error(action + ": " + MQTTClient_strerror(code)), code_(code) {}
    int code() const { return code_; }

private:
    int code_;
};

inline void check(const char* action, int code)
{
    if (code != MQTTCLIENT_SUCCESS)
        throw error(action, code);
}

// A received message. The library's memory is freed with it.
class message {
public:
    message(char* topic, int topic_length, MQTTClient_message* content)
        : topic_(topic), content_(content), topic_length_(topic_length) {}

    std::string topic() const
    {
        return topic_length_ > 0 ? std::string(topic_.get(), static_cast<size_t>(topic_length_)) : topic_.get();
    }
    std::string payload() const
    {
        return {static_cast<const char*>(content_->payload), static_cast<size_t>(content_->payloadlen)};
    }
    int qos() const { return content_->qos; }
    bool retained() const { return content_->retained != 0; }

private:
    struct free_text {
        void operator()(char* text) const { MQTTClient_free(text); }
    };
    struct free_content {
        void operator()(MQTTClient_message* content) const { MQTTClient_freeMessage(&content); }
    };
    std::unique_ptr<char, free_text> topic_;
    std::unique_ptr<MQTTClient_message, free_content> content_;
    int topic_length_;
};

// Callbacks of a client. They run on a thread of the library.
struct handlers {
    std::function<void(message)> arrived;
    std::function<void(int token)> delivered;
    std::function<void()> lost;
};

// A client, which disconnects and is destroyed with this object. It stays where it is, because callbacks point to it.
class client {
public:
    // Without handlers messages are fetched with receive(), and the library starts no threads.
    client(const std::string& uri, const std::string& id)
    {
        check("create", MQTTClient_create(&client_, uri.c_str(), id.c_str(), MQTTCLIENT_PERSISTENCE_NONE, nullptr));
    }

    client(const std::string& uri, const std::string& id, handlers called) : client(uri, id)
    {
        // From here on the destructor runs if this fails.
        handlers_ = std::move(called);
        check("setCallbacks", MQTTClient_setCallbacks(client_, this, on_lost, on_arrived, on_delivered));
    }

    client(const client&) = delete;
    client& operator=(const client&) = delete;

    // No handler runs afterwards.
    ~client() { MQTTClient_destroy(&client_); }

    void connect(MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer)
    {
        check("connect", MQTTClient_connect(client_, &options));
    }

    void subscribe(const std::string& topic, int qos) { check("subscribe", MQTTClient_subscribe(client_, topic.c_str(), qos)); }

    // The token of the message, for wait().
    int publish(const std::string& topic, const std::string& payload, int qos, bool retained = false)
    {
        MQTTClient_deliveryToken token = 0;
        check("publish", MQTTClient_publish(client_, topic.c_str(), static_cast<int>(payload.size()), payload.data(), qos,
                                            retained, &token));
        return token;
    }

    void wait(int token, std::chrono::milliseconds limit = std::chrono::seconds(10))
    {
        check("waitForCompletion", MQTTClient_waitForCompletion(client_, token, static_cast<unsigned long>(limit.count())));
    }

    // Nothing if none has come in time.
    std::optional<message> receive(std::chrono::milliseconds limit)
    {
        char* topic = nullptr;
        int length = 0;
        MQTTClient_message* content = nullptr;
        int code = MQTTClient_receive(client_, &topic, &length, &content, static_cast<unsigned long>(limit.count()));
        if (content != nullptr)
            return message(topic, length, content);
        check("receive", code);
        return std::nullopt;
    }

    void disconnect(std::chrono::milliseconds limit = std::chrono::seconds(1))
    {
        check("disconnect", MQTTClient_disconnect(client_, static_cast<int>(limit.count())));
    }

private:
    // An exception must not leave a callback: noexcept ends the program there.
    static int on_arrived(void* context, char* topic, int length, MQTTClient_message* content) noexcept
    {
        auto& called = static_cast<client*>(context)->handlers_;
        message arrived(topic, length, content);
        if (called.arrived)
            called.arrived(std::move(arrived));
        return 1;
    }
    static void on_delivered(void* context, MQTTClient_deliveryToken token) noexcept
    {
        auto& called = static_cast<client*>(context)->handlers_;
        if (called.delivered)
            called.delivered(token);
    }
    static void on_lost(void* context, char*) noexcept
    {
        auto& called = static_cast<client*>(context)->handlers_;
        if (called.lost)
            called.lost();
    }

    MQTTClient client_ = nullptr;
    handlers handlers_;
};

} // namespace mqtt

#endif
