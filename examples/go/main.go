// Sends three messages with QoS 2 to itself.
//
//	go run . tcp://localhost:1883
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"example/pahomqtt"
)

const count = 3

func main() {
	uri := "tcp://localhost:1883"
	if len(os.Args) > 1 {
		uri = os.Args[1]
	}
	arrived, delivered := make(chan string, count), make(chan int, count)
	client, err := pahomqtt.New(uri, "go-example", pahomqtt.Handlers{
		Arrived: func(topic string, payload []byte, qos int) {
			arrived <- fmt.Sprintf("%s at QoS %d: %s", topic, qos, payload)
		},
		Delivered: func(token int) { delivered <- token },
	})
	stopAt(err)
	defer client.Close()
	stopAt(client.Connect(pahomqtt.Options{}))
	stopAt(client.Subscribe("example/go", 2))
	for n := 1; n <= count; n++ {
		token, err := client.Publish("example/go", []byte(fmt.Sprintf("message %d", n)), 2, false)
		stopAt(err)
		stopAt(client.Wait(token, 10*time.Second))
	}
	for n := 0; n < count; n++ {
		fmt.Println(<-arrived)
		<-delivered
	}
	fmt.Printf("%d messages are delivered\n", count)
	stopAt(client.Disconnect(time.Second))
}

func stopAt(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
