// Sends three messages with QoS 2 to itself.
//
//     npm install koffi
//     node example.js tcp://localhost:1883
'use strict';

const { Client } = require('./paho_mqtt');

const COUNT = 3;

// Resolves when it was called so many times.
const counter = (count) => {
  let call;
  const done = new Promise((resolve) => { call = () => { count -= 1; if (count === 0) resolve(); }; });
  return [call, done];
};

async function main() {
  const uri = process.argv[2] || 'tcp://localhost:1883';
  const [arrived, allArrived] = counter(COUNT);
  const [delivered, allDelivered] = counter(COUNT);
  const client = new Client(uri, 'node-example', {
    onMessage(topic, payload, qos) {
      console.log(`${topic} at QoS ${qos}: ${payload}`);
      arrived();
    },
    onDelivered: delivered,
  });
  await client.connect();
  await client.subscribe('example/node', 2);
  for (let n = 1; n <= COUNT; n += 1) await client.wait(await client.publish('example/node', `message ${n}`, 2));
  await Promise.all([allArrived, allDelivered]);
  console.log(`${COUNT} messages are delivered`);
  await client.disconnect();
  await client.close();
}

main().catch((error) => { console.error(error); process.exit(1); });
