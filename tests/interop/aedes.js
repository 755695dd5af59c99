// An aedes broker: aedes.js TCP_PORT WEBSOCKET_PORT
const net = require('node:net')
const http = require('node:http')
const { WebSocketServer, createWebSocketStream } = require('ws')
const { Aedes } = require('aedes')

const [tcpPort, webPort] = process.argv.slice(2).map(Number)

async function main () {
  const aedes = await Aedes.createBroker()
  net.createServer(aedes.handle).listen(tcpPort, '127.0.0.1')
  const server = http.createServer()
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    aedes.handle(createWebSocketStream(socket), request)
  })
  server.listen(webPort, '127.0.0.1')
}

main()
