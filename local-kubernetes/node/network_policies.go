package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// runNetworkPolicies enforces NetworkPolicies for the pods of this node. The program of the library itself reaches the API
// only as a pod does, and this one runs beside the pods.
func runNetworkPolicies() int {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API")
	node := flag.String("hostname-override", "", "name of the node")
	health := flag.String("health", "", "address at which it answers while it enforces")
	flag.Parse()
	if err := enforcePolicies(*kubeconfig, *node, *health); err != nil {
		fmt.Fprintln(os.Stderr, "kube-network-policies:", err)
		return 1
	}
	return 0
}

func enforcePolicies(kubeconfig, node, health string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	policies, namespaces, pods := factory.Networking().V1().NetworkPolicies(), factory.Core().V1().Namespaces(), factory.Core().V1().Pods()
	// The runtime's own notice of a pod's address would close the moment before the API has it; it is off on this node.
	// The library still needs its part of it, empty, for what has no pod's address.
	controller, err := networkpolicy.NewController(client, policies, namespaces, pods, nil, nil, nil, nil,
		networkpolicy.Config{NodeName: node})
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() { ended <- controller.Run(ctx) }()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	go func() { ended <- http.ListenAndServe(health, nil) }()
	return <-ended
}
