package polyfill

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// An object is what js/protocol.d.ts says of one: types by field. For a
// message, that of the field type is its name in quotes.
type object map[string]string

// A declaration is an interface of js/protocol.d.ts.
type declaration struct {
	name, comment string
	fields        object
	// nested are the types of the elements of its arrays.
	nested []object
}

// kind is the value of the field type, or nothing.
func (d declaration) kind() string { return strings.Trim(d.fields["type"], "'") }

var (
	interfaces = regexp.MustCompile(`(?s)/\*\*(.*?)\*/\s*export interface (\w+) \{\n(.*?)\n\}`)
	comments   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	arrays     = regexp.MustCompile(`(?s)Array<\{(.*?)\}>`)
	field      = regexp.MustCompile(`(\w+)(\??): ([^;]+?)\s*(?:;|$)`)
)

func parseFields(body string) object {
	fields := object{}
	for _, m := range field.FindAllStringSubmatch(body, -1) {
		fields[m[1]] = m[3] + m[2]
	}
	return fields
}

// protocol reads js/protocol.d.ts.
func protocol(t *testing.T) []declaration {
	t.Helper()
	source := read(t, "../js/protocol.d.ts")
	var found []declaration
	for _, m := range interfaces.FindAllStringSubmatch(source, -1) {
		d := declaration{name: m[2], comment: m[1]}
		// A comment belongs to the interface that follows it at once.
		if i := strings.LastIndex(d.comment, "/**"); i >= 0 {
			d.comment = d.comment[i:]
		}
		body := comments.ReplaceAllString(m[3], "")
		for _, array := range arrays.FindAllStringSubmatch(body, -1) {
			d.nested = append(d.nested, parseFields(array[1]))
		}
		d.fields = parseFields(arrays.ReplaceAllString(body, "array"))
		found = append(found, d)
	}
	if want := strings.Count(source, "export interface"); len(found) != want {
		t.Fatalf("this test reads %d of the %d interfaces of js/protocol.d.ts", len(found), want)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestWireIncoming: what js/protocol.d.ts says is sent to the registry is what
// wire.go decodes: the same types of the same names with the same fields.
func TestWireIncoming(t *testing.T) {
	undeclared := maps.Clone(messages)
	for _, d := range protocol(t) {
		if !strings.Contains(d.comment, "→ registry") {
			continue
		}
		message := reflect.TypeOf(messages[d.kind()])
		if message == nil {
			t.Errorf("%s (%s) is not decoded", d.name, d.kind())
			continue
		}
		delete(undeclared, d.kind())
		if message.Name() != d.name {
			t.Errorf("%s is %s in Go", d.name, message.Name())
		}
		want := object{"type": d.fields["type"]}
		for i := range message.NumField() {
			f := message.Field(i)
			// UUIDs travel as strings.
			if f.Type != reflect.TypeFor[uuid.UUID]() && f.Type != reflect.TypeFor[string]() {
				t.Errorf("%s.%s: this test does not know how %s travels", d.name, f.Name, f.Type)
			}
			want[f.Tag.Get("wire")] = "string"
		}
		for name, kind := range d.fields {
			// A union of literals is a string; Handle refuses the others.
			if name != "type" && strings.HasPrefix(kind, "'") {
				d.fields[name] = "string"
			}
		}
		if !maps.Equal(d.fields, want) {
			t.Errorf("%s: js/protocol.d.ts has %v, wire.go %v", d.name, d.fields, want)
		}
	}
	for kind := range undeclared {
		t.Errorf("js/protocol.d.ts does not declare %s", kind)
	}
}

func TestWireKinds(t *testing.T) {
	for _, d := range protocol(t) {
		want := fmt.Sprintf("'%s' | '%s'", KindWindow, KindServiceWorker)
		if d.name == "Introduce" && d.fields["kind"] != want {
			t.Errorf("the kinds of contexts are %s, and here %s", d.fields["kind"], want)
		}
	}
}

// TestWireOutgoing: every object that wasm/main.go makes is declared, with
// these fields and no others.
func TestWireOutgoing(t *testing.T) {
	declared := protocol(t)
	sent := map[string]bool{}
	for _, made := range objectsIn(t, "../wasm/main.go") {
		known := false
		for _, d := range declared {
			kinds := []object{d.fields}
			if d.name == "Snapshot" {
				kinds = append(kinds, d.nested...)
			}
			fromRegistry := strings.Contains(strings.ToLower(d.comment), "registry →") || d.name == "Snapshot"
			for _, fields := range kinds {
				known = known || fromRegistry && fields["type"] == made["type"] && slices.Equal(names(fields), names(made))
			}
		}
		// The counters are a record of any names.
		_, counters := made["introduced"]
		if !known && !counters {
			t.Errorf("wasm/main.go makes %v, which js/protocol.d.ts does not declare as the registry's", made)
		}
		sent[strings.Trim(made["type"], "'")] = true
	}
	for _, kind := range []string{"stopped", "need", "wake", "keepalive", "generation"} {
		if !sent[kind] {
			t.Errorf("wasm/main.go does not send %q", kind)
		}
	}
}

func names(o object) []string { return slices.Sorted(maps.Keys(o)) }

// objectsIn returns the map[string]any literals of a Go file.
func objectsIn(t *testing.T, path string) []object {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var objects []object
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if kind, ok := literal.Type.(*ast.MapType); !ok || fmt.Sprint(kind.Value) != "any" {
			return true
		}
		made := object{}
		for _, element := range literal.Elts {
			pair := element.(*ast.KeyValueExpr)
			made[unquote(pair.Key)] = "any"
			if unquote(pair.Key) == "type" {
				made["type"] = "'" + unquote(pair.Value) + "'"
			}
		}
		objects = append(objects, made)
		return true
	})
	return objects
}

func unquote(e ast.Expr) string {
	if literal, ok := e.(*ast.BasicLit); ok {
		if text, err := strconv.Unquote(literal.Value); err == nil {
			return text
		}
	}
	return ""
}

// TestNames compares the names that stand in both languages.
func TestNames(t *testing.T) {
	shape := read(t, "../js/shape.js")
	for _, line := range []string{
		fmt.Sprintf("export const PROTOCOL = %d;", Protocol),
		"export const CHANNEL = `" + strings.TrimSuffix(ChannelName, strconv.Itoa(Protocol)) + "${PROTOCOL}`;",
	} {
		if !strings.Contains(shape, line) {
			t.Errorf("js/shape.js lacks %s", line)
		}
	}
	if line := "const lockName = (id) => `${CHANNEL}/${id}`;"; !strings.Contains(read(t, "../js/context.js"), line) ||
		LockName(generation) != ChannelName+"/"+generation.String() {
		t.Errorf("js/context.js does not name locks as %s", LockName(generation))
	}
	if host := "." + HostName + " = host"; !strings.Contains(read(t, "../js/registry.js"), host) {
		t.Errorf("js/registry.js does not offer itself as %s", HostName)
	}
}
