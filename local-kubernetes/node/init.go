package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// component is one row of components.json, which init reads.
type component struct {
	Name  string   `json:"name"`
	Argv  []string `json:"argv"`
	After string   `json:"after"` // what must accept connections first: HOST:PORT or a socket's path
}

const (
	nodeDir      = "/run/gc-k8s" // where the node sees its cluster's directory
	restartAfter = 500 * time.Millisecond
)

// runInit is PID 1 of the node's PID namespace: it arranges the file tree, starts the
// components that components.json lists, logs each to logs/<name>.log, starts one again
// that ended, and reaps the orphans of the pods' shims. The kernel ends everything in
// the namespace when it exits, which is what makes taking a node down complete.
// A file logs/<name>.hold keeps an ended component down; fault tests use it.
func runInit() int {
	if err := arrangeFiles(); err != nil {
		fmt.Fprintln(os.Stderr, "init:", err)
		return 1
	}
	text, err := os.ReadFile(filepath.Join(nodeDir, "components.json"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "init:", err)
		return 1
	}
	var components []component
	if err := json.Unmarshal(text, &components); err != nil {
		fmt.Fprintln(os.Stderr, "init: reading components.json:", err)
		return 1
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGTERM, syscall.SIGINT)
	tick := time.NewTicker(50 * time.Millisecond)
	for !hasAddress("eth0") { // the host makes the interface once this process exists
		select {
		case <-tick.C:
		case s := <-signals:
			if s != syscall.SIGCHLD {
				return 0
			}
		}
	}
	s := supervisor{
		components: components,
		logs:       filepath.Join(nodeDir, "logs"),
		running:    map[int]int{},
		started:    make([]bool, len(components)),
		due:        make([]time.Time, len(components)),
	}
	for {
		s.startDue()
		select {
		case <-tick.C:
		case s := <-signals:
			if s != syscall.SIGCHLD {
				return 0
			}
		}
		s.reap()
	}
}

type supervisor struct {
	components []component
	logs       string
	running    map[int]int // pid → index
	started    []bool
	due        []time.Time // not to be started before
}

func (s *supervisor) startDue() {
	for i, c := range s.components {
		if s.started[i] || time.Now().Before(s.due[i]) || exists(filepath.Join(s.logs, c.Name+".hold")) || !accepts(c.After) {
			continue
		}
		pid, err := start(c, s.logs)
		if err != nil {
			fmt.Fprintf(os.Stderr, "init: starting %s: %v\n", c.Name, err)
			s.due[i] = time.Now().Add(restartAfter)
			continue
		}
		s.running[pid], s.started[i] = i, true
		if err := os.WriteFile(filepath.Join(s.logs, c.Name+".pid"), fmt.Appendf(nil, "%d\n", pid), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "init:", err)
		}
	}
}

func (s *supervisor) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if pid <= 0 || err != nil {
			return
		}
		if i, ours := s.running[pid]; ours {
			delete(s.running, pid)
			s.started[i], s.due[i] = false, time.Now().Add(restartAfter)
			fmt.Fprintf(os.Stderr, "init: %s %s ended with status %d, signal %d\n",
				time.Now().UTC().Format(time.RFC3339), s.components[i].Name, status.ExitStatus(), status.Signal())
		}
	}
}

func start(c component, logs string) (int, error) {
	log, err := os.OpenFile(filepath.Join(logs, c.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	process, err := os.StartProcess(c.Argv[0], c.Argv, &os.ProcAttr{
		Env:   os.Environ(),
		Files: []*os.File{null, log, log},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, err
	}
	pid := process.Pid // Release forgets it
	return pid, process.Release()
}

// accepts reports whether something listens at address; nothing asked for is always there.
func accepts(address string) bool {
	if address == "" {
		return true
	}
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	connection, err := net.DialTimeout(network, address, 50*time.Millisecond)
	if err != nil {
		return false
	}
	connection.Close()
	return true
}

func hasAddress(link string) bool {
	found, err := net.InterfaceByName(link)
	if err != nil {
		return false
	}
	addresses, err := found.Addrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(addresses, func(address net.Addr) bool {
		network, ok := address.(*net.IPNet)
		return ok && network.IP.To4() != nil
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
