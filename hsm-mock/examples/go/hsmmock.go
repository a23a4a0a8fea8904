// Package hsmmock runs the MOCK YubiHSM2 for tests. It is not hardware and protects nothing.
package hsmmock

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Start runs a new device until the test ends, and returns its connector's host and port.
//
// The program is the one named in HSM_MOCK_PROGRAM, else hsm-mock on the path. Further arguments are
// its options, such as "--firmware", "2.2.0".
func Start(t testing.TB, arguments ...string) string {
	t.Helper()
	program := os.Getenv("HSM_MOCK_PROGRAM")
	if program == "" {
		program = "hsm-mock"
	}
	options := []string{"--listen", "127.0.0.1:0", "--print-port", "--exit-with-parent"}
	command := exec.Command(program, append(options, arguments...)...)
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("hsm-mock: %v", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	port, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("hsm-mock said no port: %v", err)
	}
	return "127.0.0.1:" + strings.TrimSpace(port)
}
