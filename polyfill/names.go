package polyfill

import (
	"fmt"

	"github.com/google/uuid"
)

// Protocol is the version of the wire format; js/shape.js has the same.
const Protocol = 1

// HostName is the global on which js/registry.js offers itself.
const HostName = "navigatorConnectRegistry"

// ChannelName is the broadcast channel of one origin and storage partition,
// and the prefix of its locks.
var ChannelName = fmt.Sprintf("navigator-connect/%d", Protocol)

// LockName is the Web Lock that a context holds for as long as it lives.
func LockName(context uuid.UUID) string { return ChannelName + "/" + context.String() }
