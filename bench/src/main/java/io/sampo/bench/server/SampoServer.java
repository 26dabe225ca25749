package io.sampo.bench.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Sampo as a user starts it: through its launcher, with the launcher's heap and flags. The
 * launcher's own time is part of the start; building is not, so the program must be built.
 */
public final class SampoServer implements Server {
  private static final String HEAP = "512m";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final Path root;

  /**
   * @param root the directory that bin/sampo lies in
   */
  public SampoServer(Path root) {
    this.root = root;
  }

  @Override
  public String name() {
    return "sampo";
  }

  @Override
  public String settings() {
    return "Sampo: bin/sampo server, -Xmx"
        + HEAP
        + " and the launcher's flags; sampo.log.flush and sampo.topic.default-queues as the"
        + " workload says, else defaults";
  }

  @Override
  public RunningServer start(ServerOptions options, Path directory)
      throws IOException, InterruptedException {
    int nameServerPort = FreePorts.find();
    int brokerPort = FreePorts.find();
    List<String> command =
        List.of(
            root.resolve("bin/sampo").toString(),
            "server",
            "-Dsampo.node.host=127.0.0.1",
            "-Dsampo.data-dir=" + directory.resolve("data"),
            "-Dsampo.name-server.port=" + nameServerPort,
            "-Dsampo.broker.port=" + brokerPort,
            "-Dsampo.cluster.port=0",
            "-Dsampo.replication.port=0",
            "-Dsampo.management.port=0",
            "-Dsampo.log.flush=" + options.flush().key(),
            "-Dsampo.topic.auto-create=true",
            "-Dsampo.topic.default-queues=" + options.queuesPerTopic());
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME", System.getProperty("java.home"),
            "SAMPO_HEAP", HEAP,
            "SAMPO_OPTS", String.join(" ", options.jvmOptions()));
    long began = System.nanoTime();
    long deadline = began + START_TIMEOUT.toNanos();
    ServerProcess process =
        ServerProcess.start(command, environment, directory, directory.resolve("sampo.out"));
    try {
      FirstMessage.awaitAccepted(nameServerPort, brokerPort, process, deadline);
      long startMillis = (System.nanoTime() - began) / 1_000_000;
      return new RunningServer("127.0.0.1:" + nameServerPort, List.of(process), startMillis);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }
}
