// Makes the calls of scenarios through the AWS SDK for Go v2. Reads commands as lines of JSON and answers likewise; see
// clients.py.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
)

type object = map[string]interface{}

type command struct {
	Call    string
	Account string
	In      object
	As      string
	Events  string
	Count   int
}

// The SDK cannot be made to send this.
type unsendable struct{ why string }

var streams = map[string]*kinesis.SubscribeToShardEventStream{}

func main() {
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked command
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		if err := out.Encode(run(asked)); err != nil {
			panic(err)
		}
	}
}

// Over TLS, Go's own HTTP client speaks HTTP/2.
var transport = &http.Transport{
	TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	ForceAttemptHTTP2: true,
}

// The client of an account.
func client(account string) *kinesis.Client {
	who := func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: account, SecretAccessKey: "test"}, nil
	}
	return kinesis.New(kinesis.Options{
		Region:           "us-east-1",
		Credentials:      aws.CredentialsProviderFunc(who),
		EndpointResolver: kinesis.EndpointResolverFromURL(os.Args[1]),
		Retryer:          aws.NopRetryer{},
		HTTPClient:       &http.Client{Transport: transport, Timeout: time.Minute},
	})
}

func run(asked command) (answer object) {
	defer func() {
		if thrown := recover(); thrown != nil {
			refusal, ok := thrown.(unsendable)
			if !ok {
				panic(thrown)
			}
			answer = object{"unsendable": refusal.why}
		}
	}()
	if asked.Events != "" {
		return object{"events": take(streams[asked.Events], asked.Count)}
	}
	method := reflect.ValueOf(client(asked.Account)).MethodByName(asked.Call)
	if !method.IsValid() {
		panic(unsendable{"this version of the SDK has no " + asked.Call})
	}
	input := reflect.New(method.Type().In(1).Elem())
	fill(input.Elem(), asked.In)
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	if err, _ := results[1].Interface().(error); err != nil {
		return failure(err)
	}
	output := results[0].Interface()
	if subscribed, ok := output.(*kinesis.SubscribeToShardOutput); ok {
		streams[asked.As] = subscribed.GetStream()
	}
	return object{"status": 200, "body": toJSON(results[0])}
}

func take(stream *kinesis.SubscribeToShardEventStream, count int) []interface{} {
	events := []interface{}{}
	for len(events) < count {
		select {
		case event, open := <-stream.Events():
			switch event := event.(type) {
			case *types.SubscribeToShardEventStreamMemberSubscribeToShardEvent:
				events = append(events, object{"SubscribeToShardEvent": toJSON(reflect.ValueOf(event.Value))})
			case nil:
				if !open {
					var refused smithy.APIError
					if errors.As(stream.Err(), &refused) {
						message := object{"message": refused.ErrorMessage()}
						events = append(events, object{refused.ErrorCode(): message})
					} else if err := stream.Err(); err != nil {
						events = append(events, object{"failed": err.Error()})
					}
					return append(events, "end")
				}
			}
		case <-time.After(10 * time.Second):
			return events
		}
	}
	return events
}

func failure(err error) object {
	var refused smithy.APIError
	var response *awshttp.ResponseError
	if errors.As(err, &response) && errors.As(err, &refused) {
		body := object{"__type": refused.ErrorCode()}
		// Go has an empty message where there is none.
		if refused.ErrorMessage() != "" {
			body["message"] = refused.ErrorMessage()
		}
		return object{"status": response.HTTPStatusCode(), "body": body}
	}
	var invalid smithy.InvalidParamsError
	if errors.As(err, &invalid) {
		return object{"unsendable": err.Error()}
	}
	return object{"failed": err.Error()}
}

// Fills a structure of the SDK with JSON: its fields have the names of the members.
func fill(target reflect.Value, value interface{}) {
	if value == nil {
		return
	}
	refuse := func() { panic(unsendable{fmt.Sprintf("a %s cannot be %v", target.Type(), value)}) }
	if target.Kind() == reflect.Ptr {
		target.Set(reflect.New(target.Type().Elem()))
		fill(target.Elem(), value)
		return
	}
	if target.Type() == reflect.TypeOf(time.Time{}) {
		seconds, ok := value.(float64)
		if !ok {
			refuse()
		}
		target.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000)))))
		return
	}
	switch value := value.(type) {
	case string:
		if target.Kind() == reflect.String {
			target.SetString(value)
		} else if target.Type() == reflect.TypeOf([]byte{}) {
			data, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				panic(unsendable{"the SDK writes base64 itself"})
			}
			target.SetBytes(data)
		} else {
			refuse()
		}
	case bool:
		if target.Kind() != reflect.Bool {
			refuse()
		}
		target.SetBool(value)
	case float64:
		whole := int64(value)
		isInteger := target.Kind() == reflect.Int32 || target.Kind() == reflect.Int64
		switch {
		case isInteger && float64(whole) == value && !target.OverflowInt(whole):
			target.SetInt(whole)
		case target.Kind() == reflect.Float64:
			target.SetFloat(value)
		default:
			refuse()
		}
	case []interface{}:
		if target.Kind() != reflect.Slice || target.Type() == reflect.TypeOf([]byte{}) {
			refuse()
		}
		items := reflect.MakeSlice(target.Type(), len(value), len(value))
		for place, item := range value {
			fill(items.Index(place), item)
		}
		target.Set(items)
	case object:
		switch target.Kind() {
		case reflect.Map:
			entries := reflect.MakeMap(target.Type())
			for name, inner := range value {
				entry := reflect.New(target.Type().Elem()).Elem()
				fill(entry, inner)
				entries.SetMapIndex(reflect.ValueOf(name), entry)
			}
			target.Set(entries)
		case reflect.Struct:
			for name, inner := range value {
				field := target.FieldByName(name)
				if !field.IsValid() {
					panic(unsendable{"this version of the SDK has no member " + name})
				}
				fill(field, inner)
			}
		default:
			refuse()
		}
	}
}

// A value of the SDK as JSON, without what is not there.
func toJSON(value reflect.Value) interface{} {
	switch value.Kind() {
	case reflect.Ptr:
		if value.IsNil() {
			return nil
		}
		return toJSON(value.Elem())
	case reflect.Slice:
		if value.IsNil() {
			return nil
		}
		if value.Type() == reflect.TypeOf([]byte{}) {
			return base64.StdEncoding.EncodeToString(value.Bytes())
		}
		items := []interface{}{}
		for place := 0; place < value.Len(); place++ {
			items = append(items, toJSON(value.Index(place)))
		}
		return items
	case reflect.Map:
		if value.IsNil() {
			return nil
		}
		entries := object{}
		for _, name := range value.MapKeys() {
			entries[name.String()] = toJSON(value.MapIndex(name))
		}
		return entries
	case reflect.Struct:
		if moment, ok := value.Interface().(time.Time); ok {
			return float64(moment.UnixMilli()) / 1000
		}
		members := object{}
		for place := 0; place < value.NumField(); place++ {
			field := value.Type().Field(place)
			if field.PkgPath != "" || field.Name == "ResultMetadata" {
				continue
			}
			member := toJSON(value.Field(place))
			// Enumerations have no pointers: an empty text is one that is not there.
			isEmptyEnum := member == "" && value.Field(place).Kind() == reflect.String
			if member != nil && !isEmptyEnum {
				members[field.Name] = member
			}
		}
		return members
	case reflect.String:
		return value.String()
	default:
		return value.Interface()
	}
}
