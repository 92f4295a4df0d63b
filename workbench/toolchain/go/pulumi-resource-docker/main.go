// Pulumi's docker provider, served from kreuzwerker's Terraform provider over Pulumi's own bridge.
//
// It owns the mapping of names that the PyPI package pulumi-docker expects (mapping.go) and nothing of how Docker is
// driven. docker.Image is not served: that resource is not part of the bridged provider.
package main

import (
	"encoding/json"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// version is set by the linker (-X main.version=…) from versions.toml, so that it is pinned in one place.
var version = "0.0.0"

func main() {
	info := providerInfo(sdkv2.NewProvider(provider.New(version)()), version)
	// The bridge works from the Terraform schema; this one only answers `pulumi package get-schema` with who we are.
	schema, err := json.Marshal(map[string]string{"name": info.Name, "version": info.Version})
	if err != nil {
		panic(err)
	}
	tfbridge.Main(info.Name, info.Version, info, schema)
}
