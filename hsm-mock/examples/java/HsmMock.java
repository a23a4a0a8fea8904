import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * A running MOCK YubiHSM2, for tests: not hardware, it protects nothing. In JUnit 5, open it in
 * {@code @BeforeEach} and close it in {@code @AfterEach}.
 */
public final class HsmMock implements AutoCloseable {
  private final Process process;
  private final int port;

  /**
   * Starts a new device. The program is the one named in HSM_MOCK_PROGRAM, else hsm-mock on the path.
   *
   * @param options of the program, such as "--firmware", "2.2.0"
   * @throws IOException if it does not start
   */
  public HsmMock(String... options) throws IOException {
    String named = System.getenv("HSM_MOCK_PROGRAM");
    List<String> command = new ArrayList<>();
    command.add(named == null ? "hsm-mock" : named);
    command.addAll(List.of("--listen", "127.0.0.1:0", "--print-port", "--exit-with-parent"));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command);
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String line = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
    if (line == null) {
      throw new IOException("hsm-mock did not start: " + command);
    }
    port = Integer.parseInt(line.trim());
  }

  /** Where a client connects. */
  public URI connector() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
