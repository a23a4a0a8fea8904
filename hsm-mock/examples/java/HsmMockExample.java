import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;

/** Sends an ECHO where your client would open a session. Run: java examples/java/HsmMockExample.java */
public final class HsmMockExample {
  public static void main(String[] arguments) throws Exception {
    try (HsmMock device = new HsmMock("--firmware", "2.4.0")) {
      byte[] echo = {0x01, 0x00, 0x02, 'h', 'i'};
      HttpRequest request =
          HttpRequest.newBuilder(device.connector().resolve("/connector/api"))
              .POST(HttpRequest.BodyPublishers.ofByteArray(echo))
              .build();
      byte[] answer =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
      byte[] expected = {(byte) 0x81, 0x00, 0x02, 'h', 'i'};
      if (!Arrays.equals(answer, expected)) {
        throw new AssertionError("not an echo: " + Arrays.toString(answer));
      }
      System.out.println("MOCK YubiHSM2 at " + device.connector() + " answered");
    }
  }
}
