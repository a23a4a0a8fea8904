package hsmmock

import (
	"bytes"
	"io"
	"net/http"
	"testing"
)

// Where your client connects: with github.com/certusone/yubihsm-go, for one,
// connector.NewHTTPConnector(address).
func TestEcho(t *testing.T) {
	address := Start(t, "--firmware", "2.4.0")
	echo := []byte{0x01, 0x00, 0x02, 'h', 'i'}
	url := "http://" + address + "/connector/api"
	response, err := http.Post(url, "application/octet-stream", bytes.NewReader(echo))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(answer, []byte{0x81, 0x00, 0x02, 'h', 'i'}) {
		t.Fatalf("not an echo: %x", answer)
	}
}
