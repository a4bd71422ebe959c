// SPDX-License-Identifier: Apache-2.0

// A server on Debian's grpc for Go: SignBlob gives the payload back, Count replies in any number and size. No message classes: it reads and
// writes the few fields by hand. Usage: go-server PORT [CERTIFICATE KEY]; with GRACE_MS connections are drained when they are so old.
package main

import (
	"encoding/binary"
	"errors"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// Hands messages on as they are.
type octets struct{}

func (octets) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (octets) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (octets) String() string { return "octets" }

// The fields of a message: numbers, and texts by their octets.
func fields(message []byte) (map[uint64]uint64, map[uint64][]byte, error) {
	numbers, texts := map[uint64]uint64{}, map[uint64][]byte{}
	for len(message) > 0 {
		key, size := binary.Uvarint(message)
		if size <= 0 {
			return nil, nil, errors.New("no message")
		}
		value, more := binary.Uvarint(message[size:])
		message = message[size+more:]
		if key&7 == 0 {
			numbers[key>>3] = value
		} else {
			texts[key>>3] = message[:value]
			message = message[value:]
		}
	}
	return numbers, texts, nil
}

func number(message []byte, field, value uint64) []byte {
	var buffer [20]byte
	size := binary.PutUvarint(buffer[:], field<<3)
	size += binary.PutUvarint(buffer[size:], value)
	return append(message, buffer[:size]...)
}

func text(message []byte, field uint64, value []byte) []byte {
	var buffer [20]byte
	size := binary.PutUvarint(buffer[:], field<<3|2)
	size += binary.PutUvarint(buffer[size:], uint64(len(value)))
	return append(append(message, buffer[:size]...), value...)
}

func handle(_ interface{}, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	numbers, texts, err := fields(request)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	switch {
	case strings.HasSuffix(method, "/SignBlob"):
		reply := text(text(nil, 1, []byte("k")), 4, texts[5])
		return stream.SendMsg(&reply)
	case strings.HasSuffix(method, "/Count"):
		padding := make([]byte, numbers[2])
		for count := uint64(1); count <= numbers[1]; count++ {
			reply := text(number(nil, 1, count), 2, padding)
			if err := stream.SendMsg(&reply); err != nil {
				return err
			}
		}
		return nil
	}
	return status.Error(codes.Unimplemented, method)
}

func main() {
	options := []grpc.ServerOption{
		grpc.CustomCodec(octets{}),
		grpc.UnknownServiceHandler(handle),
		grpc.MaxRecvMsgSize(1 << 30),
		grpc.MaxSendMsgSize(1 << 30),
	}
	if age, err := strconv.Atoi(os.Getenv("GRACE_MS")); err == nil {
		options = append(options, grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:      time.Duration(age) * time.Millisecond,
			MaxConnectionAgeGrace: 10 * time.Second,
		}))
	}
	if streams, err := strconv.Atoi(os.Getenv("MAX_STREAMS")); err == nil {
		options = append(options, grpc.MaxConcurrentStreams(uint32(streams)))
	}
	if len(os.Args) > 3 {
		identity, err := credentials.NewServerTLSFromFile(os.Args[2], os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(identity))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(grpc.NewServer(options...).Serve(listener))
}
