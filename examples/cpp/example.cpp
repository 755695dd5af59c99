// Sends three messages with QoS 2 to itself: one client with handlers, one that fetches its messages.
//
//     c++ -std=c++17 example.cpp -lpaho-mqtt3c -o example
//     ./example tcp://localhost:1883
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "mqtt.hpp"

namespace {

const int COUNT = 3;

// Counts events on threads of the library.
class counter {
public:
    void add()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        ++count_;
        changed_.notify_all();
    }
    bool wait_for(int count)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return count_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

} // namespace

int main(int argc, char* argv[])
try {
    const std::string uri = argc > 1 ? argv[1] : "tcp://localhost:1883";
    counter events;
    mqtt::handlers called;
    called.arrived = [&](mqtt::message message) {
        std::cout << message.topic() << " at QoS " << message.qos() << ": " << message.payload() << std::endl;
        events.add();
    };
    called.delivered = [&](int) { events.add(); };
    mqtt::client listening(uri, "cpp-example", called);
    mqtt::client fetching(uri, "cpp-example-fetching");
    listening.connect();
    fetching.connect();
    listening.subscribe("example/cpp", 2);
    fetching.subscribe("example/cpp", 2);
    for (int n = 1; n <= COUNT; ++n)
        listening.wait(listening.publish("example/cpp", "message " + std::to_string(n), 2));
    int fetched = 0;
    while (fetched < COUNT && fetching.receive(std::chrono::seconds(10)))
        ++fetched;
    if (!events.wait_for(2 * COUNT) || fetched < COUNT)
        throw std::runtime_error("a message is missing");
    std::cout << COUNT << " messages are delivered, and fetched by the other client\n";
    return 0;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
