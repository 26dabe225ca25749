package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes, and what is said with them. */
final class MainTest {
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeEach
  void listen() {
    PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
  }

  @AfterEach
  void restore() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void helpAndVersionAreAnswers() {
    assertThat(Main.execute("--help")).isZero();
    assertThat(Main.execute("server", "--help")).isZero();
    assertThat(Main.execute("--version")).isZero();
    assertThat(said()).contains("quickstart", "-c, --config=FILE", "Sampo development", "Java ");
  }

  @Test
  void wrongUsageIsTwo() {
    assertThat(Main.execute()).isEqualTo(2);
    assertThat(Main.execute("serve")).isEqualTo(2);
    assertThat(Main.execute("quickstart", "--messages", "0")).isEqualTo(2);
    assertThat(said()).contains("Say what to do", "serve", "--messages must be from 1");
  }

  @Test
  void wrongSettingsAreTwoAndToldWithoutATrace() {
    assertThat(Main.execute("server", "-Dsampo.broker.port=x", "-Dsampo.cluster.name=a b"))
        .isEqualTo(2);
    assertThat(Main.execute("server", "-Dsampo.log.flush=perhaps")).isEqualTo(2);

    assertThat(said().lines())
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).startsWith("sampo: sampo."))
        .last()
        .asString()
        .isEqualTo("sampo: sampo.log.flush: must be sync or async, was perhaps (command line)");
  }

  @Test
  void aNodeThatCanNotStartIsOneAndSaysWhyInALine(@TempDir Path directory) throws Exception {
    try (DataDirectory held = DataDirectory.lock(directory)) {
      assertThat(Main.execute("server", "-Dsampo.data-dir=" + held.path())).isEqualTo(1);
    }

    assertThat(said().lines())
        .singleElement()
        .asString()
        .contains("is in use by another node", directory.toString());
  }

  @Test
  void theQuickstartSendsAndReceivesEverything() {
    assertThat(Main.execute("quickstart", "--messages", "50")).isZero();

    assertThat(said()).contains("It works: 50 sent", "50 received", "0 lost", "Next:");
  }
}
