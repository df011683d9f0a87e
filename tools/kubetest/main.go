// Kubetest is the control plane and the node of a Kubernetes cluster in one program, for tests that need a real one:
//
//	kubetest COMPONENT [flags]
//
// A component takes the flags it has upstream. Everything is an ordinary module dependency, so that a test machine needs
// Go and the module proxy, and no other download.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // time zones of CronJobs, on machines without tzdata

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

var components = map[string]func() *cobra.Command{
	"kube-apiserver":          func() *cobra.Command { return apiserver.NewAPIServerCommand() },
	"kube-controller-manager": func() *cobra.Command { return controllers.NewControllerManagerCommand() },
	"kube-proxy":              func() *cobra.Command { return proxy.NewProxyCommand() },
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 func() *cobra.Command { return kubectl.NewDefaultKubectlCommand() },
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	name := os.Args[1]
	// What is left looks to the component as if it were a program of its own.
	os.Args = append([]string{name}, os.Args[2:]...)
	if name == "etcd" {
		etcdmain.Main(os.Args)
		return
	}
	command, known := components[name]
	if !known {
		usage()
	}
	os.Exit(cli.Run(command()))
}

func usage() {
	names := append(slices.Collect(maps.Keys(components)), "etcd")
	slices.Sort(names)
	fmt.Fprintln(os.Stderr, "usage: kubetest COMPONENT [flags]\ncomponents:", strings.Join(names, " "))
	os.Exit(2)
}
