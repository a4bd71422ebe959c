// SPDX-License-Identifier: Apache-2.0
// Reflection and health checks by the clients that come with grpc-go: what grpcurl and probes would see.

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"sort"

	"github.com/golang/protobuf/proto"
	descriptorpb "github.com/golang/protobuf/protoc-gen-go/descriptor"
	_ "google.golang.org/genproto/googleapis/iam/credentials/v1" // registers the descriptors that ours are compared with
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
)

const service = "google.iam.credentials.v1.IAMCredentials"

func dialPlain(ctx context.Context) *grpc.ClientConn {
	connection, err := grpc.DialContext(ctx, os.Getenv("PLAIN"), grpc.WithInsecure())
	require(err)
	return connection
}

func ask(ctx context.Context, request *reflectionpb.ServerReflectionRequest) *reflectionpb.ServerReflectionResponse {
	connection := dialPlain(ctx)
	defer connection.Close()
	stream, err := reflectionpb.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	require(err)
	require(stream.Send(request))
	response, err := stream.Recv()
	require(err)
	require(stream.CloseSend())
	return response
}

func listsServices(ctx context.Context) {
	request := &reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{ListServices: "*"},
	}
	names := map[string]bool{}
	for _, each := range ask(ctx, request).GetListServicesResponse().GetService() {
		names[each.Name] = true
	}
	for _, name := range []string{service, "google.iam.admin.v1.IAM"} {
		expect(names[name], "%s is not among %v", name, names)
	}
}

func signaturesOf(described *descriptorpb.ServiceDescriptorProto) string {
	var signatures []string
	for _, method := range described.Method {
		signatures = append(signatures, fmt.Sprintf("%s(%s)%s", method.GetName(), method.GetInputType(), method.GetOutputType()))
	}
	sort.Strings(signatures)
	return fmt.Sprint(signatures)
}

// A file as it is compiled into Google's Go package.
func googlesOwn(path string) *descriptorpb.FileDescriptorProto {
	unzipped, err := gzip.NewReader(bytes.NewReader(proto.FileDescriptor(path)))
	require(err)
	encoded, err := io.ReadAll(unzipped)
	require(err)
	file := &descriptorpb.FileDescriptorProto{}
	require(proto.Unmarshal(encoded, file))
	return file
}

func describesService(ctx context.Context) {
	request := &reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service},
	}
	files := ask(ctx, request).GetFileDescriptorResponse().GetFileDescriptorProto()
	wanted := googlesOwn("google/iam/credentials/v1/iamcredentials.proto")
	for _, encoded := range files {
		var file descriptorpb.FileDescriptorProto
		require(proto.Unmarshal(encoded, &file))
		for _, each := range file.Service {
			if file.GetPackage()+"."+each.GetName() == service {
				got, own := signaturesOf(each), signaturesOf(wanted.Service[0])
				expect(got == own, "the methods are %s, in Google's Go package %s", got, own)
				return
			}
		}
	}
	panic(failure(fmt.Sprintf("none of %d files has the service", len(files))))
}

func refusesUnknownSymbol(ctx context.Context) {
	request := &reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "no.such.Service"},
	}
	refused := ask(ctx, request).GetErrorResponse()
	expect(refused.GetErrorCode() == 5, "the answer is %v", refused)
}

func isHealthy(ctx context.Context) {
	connection := dialPlain(ctx)
	defer connection.Close()
	client := healthpb.NewHealthClient(connection)
	for _, name := range []string{"", service, "google.iam.admin.v1.IAM"} {
		response, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: name})
		require(err)
		expect(response.Status == healthpb.HealthCheckResponse_SERVING, "%q is %v", name, response.Status)
	}
	watched, err := client.Watch(ctx, &healthpb.HealthCheckRequest{Service: service})
	require(err)
	update, err := watched.Recv()
	require(err)
	expect(update.Status == healthpb.HealthCheckResponse_SERVING, "the watched service is %v", update.Status)
}

func serverChecks() []check {
	return []check{
		{"reflection lists the services", listsServices},
		{"reflection describes the methods as Google's Go package does", describesService},
		{"reflection says NOT_FOUND of a symbol that nobody has", refusesUnknownSymbol},
		{"health checks say SERVING, once and as a stream", isHealthy},
	}
}
