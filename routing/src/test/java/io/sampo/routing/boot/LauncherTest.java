package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What bin/sampo makes of its surroundings, with a stand-in for Java that prints what it is started
 * with: an installation that is already built, in a directory with a blank in its name.
 */
final class LauncherTest {
  @TempDir Path directory;
  private Path installation;
  private Path java17;

  @BeforeEach
  void install() throws IOException {
    installation = directory.resolve("an installation");
    Files.createDirectories(installation.resolve("bin"));
    Path launcher = installation.resolve("bin/sampo");
    Files.copy(Path.of("..", "bin", "sampo"), launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Path lib = Files.createDirectories(installation.resolve("routing/target/lib"));
    Files.createFile(installation.resolve("routing/target/routing-1.jar"));
    Files.createFile(lib.resolve("library.jar"));
    java17 = javaOf("17.0.9");
  }

  /** A Java that prints its words, and makes the archive of classes when it is told to. */
  private Path javaOf(String version) throws IOException {
    Path home = directory.resolve("java " + version);
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        for word; do
          echo "[$word]"
          case $word in -XX:ArchiveClassesAtExit=*) : >"${word#*=}" ;; esac
        done
        echo "home=$SAMPO_HOME"
        """);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private record Outcome(int exitCode, List<String> lines) {}

  private Outcome run(Path launcher, Path javaHome, Map<String, String> more, String... arguments)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString());
    builder.command().addAll(List.of(arguments));
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().remove("SAMPO_OPTS");
    builder.environment().remove("SAMPO_HEAP");
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().putAll(more);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), output.lines().toList());
  }

  private Outcome run(Path javaHome, String... arguments) throws Exception {
    return run(installation.resolve("bin/sampo"), javaHome, Map.of(), arguments);
  }

  @Test
  void startsTheProgramWithItsClassPathAndItsArguments() throws Exception {
    Outcome outcome = run(java17, "server", "-Dsampo.broker.port=0", "-c", "my file.conf");

    Path target = installation.toRealPath().resolve("routing/target");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.lines())
        .containsSubsequence(
            "[-Xmx512m]",
            "[-cp]",
            "[" + target.resolve("routing-1.jar") + ":" + target.resolve("lib/library.jar") + "]",
            "[io.sampo.routing.boot.Main]",
            "[server]",
            "[-Dsampo.broker.port=0]",
            "[-c]",
            "[my file.conf]",
            "home=" + installation.toRealPath());
  }

  @Test
  void worksThroughSymbolicLinks() throws Exception {
    Path absolute =
        Files.createSymbolicLink(
            directory.resolve("sampo"), installation.resolve("bin/sampo").toAbsolutePath());
    Path relative = Files.createSymbolicLink(directory.resolve("again"), Path.of("sampo"));

    assertThat(run(absolute, java17, Map.of(), "--version").lines())
        .contains("home=" + installation.toRealPath());
    assertThat(run(relative, java17, Map.of(), "--version").lines())
        .contains("home=" + installation.toRealPath());
  }

  @Test
  void passesOnlyWhatTheJavaVersionKnows() throws Exception {
    List<String> newer =
        List.of("[--sun-misc-unsafe-memory-access=allow]", "[--enable-native-access=ALL-UNNAMED]");

    assertThat(run(java17, "server").lines()).doesNotContainAnyElementsOf(newer);
    assertThat(run(javaOf("25"), "server").lines()).containsAll(newer);
    assertThat(run(javaOf("25.0.1"), "server").lines())
        .containsAll(newer)
        .contains("[--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED]");
  }

  @Test
  void refusesAnOlderJavaAndOneThatIsNotThere() throws Exception {
    Outcome old = run(javaOf("11.0.2"), "server");
    Outcome none = run(directory.resolve("nowhere"), "server");

    assertThat(old.exitCode()).isEqualTo(1);
    assertThat(old.lines()).singleElement().asString().contains("Java 17 or newer", "11.0.2");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.lines()).singleElement().asString().contains("JAVA_HOME", "nowhere");
  }

  @Test
  void takesHeapAndOptionsFromTheEnvironment() throws Exception {
    Outcome outcome =
        run(
            installation.resolve("bin/sampo"),
            java17,
            Map.of("SAMPO_HEAP", "2g", "SAMPO_OPTS", "-Dsampo.data-dir=/d -Xlog:gc"),
            "server");

    assertThat(outcome.lines()).contains("[-Xmx2g]", "[-Dsampo.data-dir=/d]", "[-Xlog:gc]");
  }

  @Test
  void makesAnArchiveOfClassesOncePerJavaVersionAndUsesIt() throws Exception {
    String archive =
        "[-XX:SharedArchiveFile="
            + installation.toRealPath().resolve("routing/target/sampo-java17.jsa")
            + "]";

    assertThat(run(java17, "server").lines())
        .contains("Preparing quick starts on Java 17 (once) ...", archive);
    assertThat(run(java17, "server").lines())
        .contains(archive)
        .doesNotContain("Preparing quick starts on Java 17 (once) ...");
  }

  @Test
  void saysWhatIsMissingWhenNothingIsBuilt() throws Exception {
    Files.delete(installation.resolve("routing/target/routing-1.jar"));

    Outcome outcome = run(java17, "server");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.lines()).singleElement().asString().contains("holds no program");
  }
}
