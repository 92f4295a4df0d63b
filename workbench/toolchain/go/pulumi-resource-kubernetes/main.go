// Pulumi's Kubernetes provider, as its own release is made: their package, their schema, their mapping.
//
// schema.json and terraform-mapping.json are copied from the module while the engine is built; they are not ours to
// commit. The real flags (`pulumi-resource-kubernetes <engine address>`) are read by the provider itself.
package main

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is set by the linker (-X main.version=…) from versions.toml, so that it is pinned in one place.
var version = "0.0.0"

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println(version)
		return
	}
	provider.Serve("kubernetes", version, schema, mapping)
}
