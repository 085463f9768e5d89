package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// kernelSettings are what the kubelet sets at its start. They belong to the whole
// machine, so the kubelet sees files that hold its values already and writes nothing.
var kernelSettings = map[string]string{
	"/proc/sys/vm/overcommit_memory":      "1",
	"/proc/sys/vm/panic_on_oom":           "0",
	"/proc/sys/kernel/panic":              "10",
	"/proc/sys/kernel/panic_on_oops":      "1",
	"/proc/sys/kernel/keys/root_maxkeys":  "1000000",
	"/proc/sys/kernel/keys/root_maxbytes": "25000000",
}

// arrangeFiles gives the node, whose mount namespace is new, a file tree in which
// /run is its own and /var is a directory of its cluster, which is the working
// directory and appears as nodeDir. Nothing the components write reaches the host's.
func arrangeFiles() error {
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mounting /run: %w", err)
	}
	if err := os.Mkdir(nodeDir, 0o755); err != nil {
		return err
	}
	// The working directory stays reachable even if the new /run or /var covers its path.
	if err := syscall.Mount(".", nodeDir, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mounting the cluster's directory: %w", err)
	}
	if err := syscall.Mount("var", "/var", "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mounting /var: %w", err)
	}
	if err := os.Mkdir("/run/settings", 0o755); err != nil {
		return err
	}
	for path, value := range kernelSettings {
		if !exists(path) {
			continue // a kernel built without it
		}
		fake := filepath.Join("/run/settings", filepath.Base(path))
		if err := os.WriteFile(fake, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(fake, path, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("covering %s: %w", path, err)
		}
	}
	// Volume mounts with bidirectional propagation need a shared tree.
	if err := syscall.Mount("", "/", "", syscall.MS_SHARED|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("sharing the mounts inside the node: %w", err)
	}
	return nil
}
