// The routes of troupe-echo on gorilla/websocket: /echo sends each message
// back, /rooms/NAME sends it to all members of the room, the sender included.
// usage: gorilla_server [--port=N]
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// Maximum number of queued messages per member; a member with more is closed.
const maxWaiting = 1024

type member struct {
	socket  *websocket.Conn
	waiting chan *websocket.PreparedMessage
}

type room struct {
	sync.Mutex
	members map[*member]bool
}

var (
	roomsLock sync.Mutex
	rooms     = map[string]*room{}
	upgrader  = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
)

func roomOf(name string) *room {
	roomsLock.Lock()
	defer roomsLock.Unlock()
	if rooms[name] == nil {
		rooms[name] = &room{members: map[*member]bool{}}
	}
	return rooms[name]
}

func (r *room) join(m *member) {
	r.Lock()
	defer r.Unlock()
	r.members[m] = true
}

func (r *room) leave(m *member) {
	r.Lock()
	defer r.Unlock()
	if r.members[m] {
		delete(r.members, m)
		close(m.waiting)
	}
}

func (r *room) send(message *websocket.PreparedMessage) {
	r.Lock()
	defer r.Unlock()
	for m := range r.members {
		select {
		case m.waiting <- message:
		default:
			delete(r.members, m)
			close(m.waiting)
		}
	}
}

func (m *member) write() {
	defer m.socket.Close()
	for message := range m.waiting {
		if m.socket.WritePreparedMessage(message) != nil {
			return
		}
	}
}

func serveRoom(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	m := &member{socket, make(chan *websocket.PreparedMessage, maxWaiting)}
	here := roomOf(strings.TrimPrefix(r.URL.Path, "/rooms/"))
	here.join(m)
	defer here.leave(m)
	go m.write()
	for {
		kind, data, err := socket.ReadMessage()
		if err != nil {
			return
		}
		message, err := websocket.NewPreparedMessage(kind, data)
		if err != nil {
			return
		}
		here.send(message)
	}
}

func serveEcho(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	for {
		kind, data, err := socket.ReadMessage()
		if err != nil || socket.WriteMessage(kind, data) != nil {
			return
		}
	}
}

func main() {
	port := flag.Int("port", 0, "the port to listen on")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	http.HandleFunc("/echo", serveEcho)
	http.HandleFunc("/rooms/", serveRoom)
	log.Fatal(http.Serve(listener, nil))
}
