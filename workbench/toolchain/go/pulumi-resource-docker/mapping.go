package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

type fields = map[string]*tfbridge.SchemaInfo

// longestName is the longest name that we let be generated; a container's name is also its DNS label's source.
const longestName = 63

// token gives "docker:index/container:Container" for "Container".
func token(name string) tokens.Type {
	return tokens.Type("docker:index/" + strings.ToLower(name[:1]) + name[1:] + ":" + name)
}

func resource(name string) *tfbridge.ResourceInfo {
	return &tfbridge.ResourceInfo{Tok: token(name)}
}

// reference is a resource whose name points at something that exists (an image, a plugin): it is never generated.
func reference(name string) *tfbridge.ResourceInfo {
	info := resource(name)
	info.Fields = fields{"name": {Name: "name"}}
	return info
}

// container keeps two names singular that the bridge would make plural, and frees the name before it is taken again.
func container() *tfbridge.ResourceInfo {
	info := resource("Container")
	info.DeleteBeforeReplace = true
	info.Fields = fields{"command": {Name: "command"}, "networks_advanced": {Name: "networksAdvanced"}}
	return info
}

func function(name string) *tfbridge.DataSourceInfo {
	return &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember("docker:index/" + name + ":" + name)}
}

// providerInfo maps the Terraform provider's names to those of the PyPI package pulumi-docker.
func providerInfo(upstream shim.Provider, version string) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       upstream,
		Name:    "docker",
		Version: version,
		Config: fields{
			"host": {Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"}, Value: "unix:///var/run/docker.sock",
			}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_buildx_builder": resource("BuildxBuilder"),
			"docker_config":         resource("ServiceConfig"),
			"docker_container":      container(),
			"docker_image":          reference("RemoteImage"),
			"docker_network":        resource("Network"),
			"docker_plugin":         reference("Plugin"),
			"docker_registry_image": reference("RegistryImage"),
			"docker_secret":         resource("Secret"),
			"docker_service":        resource("Service"),
			"docker_tag":            resource("Tag"),
			"docker_volume":         resource("Volume"),
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image":                    function("getRemoteImage"),
			"docker_logs":                     function("getLogs"),
			"docker_network":                  function("getNetwork"),
			"docker_plugin":                   function("getPlugin"),
			"docker_registry_image":           function("getRegistryImage"),
			"docker_registry_image_manifests": function("getRegistryImageManifests"),
		},
	}
	info.SetAutonaming(longestName, "-")
	return info
}
