package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// runNetworkPolicies enforces NetworkPolicies for the pods of this node. The program of the library itself reaches the API
// only as a pod does, and this one runs beside the pods.
func runNetworkPolicies() int {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API")
	queue := flag.Int("queue", 0, "number of the kernel's queue of packets that wait for a verdict")
	health := flag.String("health", "", "address at which it answers while it enforces")
	flag.Parse()
	if err := enforcePolicies(*kubeconfig, *queue, *health); err != nil {
		fmt.Fprintln(os.Stderr, "kube-network-policies:", err)
		return 1
	}
	return 0
}

func enforcePolicies(kubeconfig string, queue int, health string) error {
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
	// In a new cluster the permission comes soon after the API. An informer, refused once, waits long.
	_ = wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, err := client.NetworkingV1().NetworkPolicies("").List(ctx, metav1.ListOptions{Limit: 1})
		return err == nil, nil
	})
	factory := informers.NewSharedInformerFactory(client, 0)
	policies, namespaces, pods := factory.Networking().V1().NetworkPolicies(), factory.Core().V1().Namespaces(), factory.Core().V1().Pods()
	// The runtime's own notice of a pod's address would close the moment before the API has it; it is off on this node.
	// The library still needs its part of it, empty, for what has no pod's address.
	// It brings rules of its own for the pods of its node, which need a kernel with nftables' queue, and would shut the pods
	// off when it is killed. For a node that nobody has they stay empty; the node's own rules ask it for every pod.
	controller, err := networkpolicy.NewController(client, policies, namespaces, pods, nil, nil, nil, nil,
		networkpolicy.Config{NodeName: "none", QueueID: queue})
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() { ended <- controller.Run(ctx) }()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if !listens(queue) {
			http.Error(w, "no verdicts yet", http.StatusServiceUnavailable)
		}
	})
	go func() { ended <- http.ListenAndServe(health, nil) }()
	return <-ended
}

// listens reports whether somebody takes packets off the queue; each line of the kernel's list begins with a queue's number.
func listens(queue int) bool {
	text, err := os.ReadFile("/proc/net/netfilter/nfnetlink_queue")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] == strconv.Itoa(queue) {
			return true
		}
	}
	return false
}
