// The official Kubernetes provider, built from its Go module.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() {
	provider.Serve("kubernetes", "4.25.0", []byte(`{"name":"kubernetes"}`), nil)
}
