package polyfill

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// texts is a message of string fields; any other field is as good as missing.
type texts map[string]string

func (t texts) Text(name string) (string, bool) {
	value, ok := t[name]
	return value, ok
}

const aUUID = "0188e7a6-5c5e-4f4f-8a3a-1f0c7d1f9b11"

func TestDecode(t *testing.T) {
	id := uuid.MustParse(aUUID)
	for _, test := range []struct {
		fields texts
		want   Message
	}{
		{texts{"type": "introduce", "context": aUUID, "kind": "window", "scope": ""}, Introduce{id, KindWindow, ""}},
		{texts{"type": "introduce", "context": aUUID, "kind": "serviceworker", "scope": scope}, Introduce{id, KindServiceWorker, scope}},
		{texts{"type": "connect", "connection": aUUID, "origin": "null", "targetURL": scope}, Connect{id, "null", scope}},
		{texts{"type": "answer", "connection": aUUID, "scope": scope, "name": "é"}, Answer{id, scope, "é"}},
		{texts{"type": "close", "connection": aUUID, "more": "is no matter"}, Close{id}},
		{texts{"type": "need", "connection": aUUID, "client": aUUID, "scope": scope}, Need{id, aUUID, scope}},
		{texts{"type": "need", "connection": aUUID, "client": "", "scope": scope}, Need{id, "", scope}},
		{texts{"type": "begun", "context": aUUID}, Begun{id}},
		{texts{"type": "busy", "context": aUUID}, Busy{id}},
		{texts{"type": "buried", "context": aUUID, "client": aUUID}, Buried{id, id}},
		{texts{"type": "met", "context": aUUID, "scope": scope}, Met{id, scope}},
		{texts{"type": "snapshot"}, SnapshotRequest{}},
		{texts{"type": "close", "connection": aUUID}, Close{id}},
		{texts{"type": "answer", "connection": aUUID, "scope": scope, "name": strings.Repeat("x", MaxText)}, Answer{id, scope, strings.Repeat("x", MaxText)}},
	} {
		got, err := Decode(test.fields)
		if err != nil || got != test.want {
			t.Errorf("%.80v: got %.80v, %v", test.fields, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, fields := range map[string]texts{
		"nothing":             {},
		"no type":             {"connection": aUUID},
		"an unknown type":     {"type": "stopped", "context": aUUID, "scope": scope},
		"another case":        {"type": "Close", "connection": aUUID},
		"a missing UUID":      {"type": "close"},
		"an empty UUID":       {"type": "close", "connection": ""},
		"a UUID in capitals":  {"type": "close", "connection": strings.ToUpper(aUUID)},
		"a UUID in braces":    {"type": "close", "connection": "{" + aUUID + "}"},
		"a UUID as URN":       {"type": "close", "connection": "urn:uuid:" + aUUID},
		"a UUID in one piece": {"type": "close", "connection": strings.ReplaceAll(aUUID, "-", "")},
		"a UUID and more":     {"type": "close", "connection": aUUID + " "},
		"a name too long":     {"type": "answer", "connection": aUUID, "scope": scope, "name": strings.Repeat("x", MaxText+1)},
		"bytes count":         {"type": "answer", "connection": aUUID, "scope": scope, "name": strings.Repeat("é", MaxText/2+1)},
	} {
		if message, err := Decode(fields); !errors.Is(err, ErrMalformed) || message != nil {
			t.Errorf("%s: got %v, %v", name, message, err)
		}
	}
	// Every field is needed, and of the right type.
	for kind := range decoders {
		for i := range fieldsOf(kind) {
			fields := valid(kind)
			name := fieldsOf(kind)[i].name
			delete(fields, name)
			if _, err := Decode(fields); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s without %s: got %v", kind, name, err)
			}
		}
	}
}

// FuzzDecode: whatever the fields say, Decode does not panic, and what it
// accepts is what the sender said, in the one spelling that browsers use.
func FuzzDecode(f *testing.F) {
	for kind := range decoders {
		m := valid(kind)
		f.Add(kind, m["context"], m["kind"], m["scope"], m["connection"], m["origin"], m["targetURL"], m["name"], byte(255))
		f.Add(kind, m["context"], m["kind"], m["scope"], m["connection"], m["origin"], m["targetURL"], m["name"], byte(0x7e))
	}
	f.Add("close", "", "", "", strings.ToUpper(aUUID), "", "", "", byte(255))
	f.Add("close", "", "", "", "{"+aUUID+"}", "", "", "", byte(255))
	f.Add("busy", "urn:uuid:"+aUUID, "", "", "", "", "", "", byte(255))
	f.Add("answer", "", "", "\x00", aUUID, "", "", "\xff\xfe", byte(255))
	f.Add("__proto__", "", "", "", "", "", "", "", byte(255))
	f.Fuzz(func(t *testing.T, kind, context, what, scope, connection, origin, targetURL, name string, present byte) {
		fields := texts{}
		for i, field := range []struct{ name, value string }{
			{"type", kind}, {"context", context}, {"kind", what}, {"scope", scope},
			{"connection", connection}, {"origin", origin}, {"targetURL", targetURL}, {"name", name},
		} {
			if present>>i&1 == 1 {
				fields[field.name] = field.value
			}
		}
		message, err := Decode(fields)
		if err != nil {
			if message != nil || !errors.Is(err, ErrMalformed) {
				t.Fatalf("got %v, %v", message, err)
			}
			return
		}
		value := reflect.ValueOf(message)
		for i, field := range fieldsOf(fields["type"]) {
			said, ok := fields[field.name]
			if !ok || len(said) > MaxText {
				t.Fatalf("%T was accepted without a proper %s", message, field.name)
			}
			got := value.Field(i).Interface()
			if id, isID := got.(uuid.UUID); isID {
				got = id.String()
			}
			if got != said {
				t.Fatalf("%T: %s is %q, was sent as %q", message, field.name, got, said)
			}
		}
		// The state it meets is of no importance: no message may harm.
		r := New(generation)
		for peer := range Peer(2) {
			r.Handle(peer, message)
			if err := sound(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// messages holds an empty message of every type on the wire.
var messages = map[string]Message{
	"introduce": Introduce{},
	"connect":   Connect{},
	"answer":    Answer{},
	"close":     Close{},
	"need":      Need{},
	"begun":     Begun{},
	"busy":      Busy{},
	"buried":    Buried{},
	"met":       Met{},
	"snapshot":  SnapshotRequest{},
}

func TestEveryTypeIsTested(t *testing.T) {
	for kind, decode := range decoders {
		want := messages[kind]
		if got := decode(&reader{fields: texts(valid(kind))}); reflect.TypeOf(got) != reflect.TypeOf(want) {
			t.Errorf("%s decodes to %T, expected %T", kind, got, want)
		}
	}
	if len(messages) != len(decoders) {
		t.Errorf("%d types are decoded, %d are tested", len(decoders), len(messages))
	}
}

// A wireField is a field of a message as its tag names it.
type wireField struct {
	name string
	uuid bool
}

func fieldsOf(kind string) []wireField {
	var fields []wireField
	message := reflect.TypeOf(messages[kind])
	for i := range message.NumField() {
		f := message.Field(i)
		fields = append(fields, wireField{f.Tag.Get("wire"), f.Type == reflect.TypeFor[uuid.UUID]()})
	}
	return fields
}

// valid returns a proper message of a type.
func valid(kind string) texts {
	fields := texts{"type": kind}
	for _, f := range fieldsOf(kind) {
		fields[f.name] = "some " + f.name
		if f.uuid {
			fields[f.name] = aUUID
		}
	}
	return fields
}
