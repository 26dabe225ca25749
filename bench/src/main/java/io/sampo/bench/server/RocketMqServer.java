package io.sampo.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * RocketMQ as it is published: a name server and a broker, in this order, because a broker that
 * finds no name server tries again only much later. The broker has the collector flags of its own
 * start script with a smaller heap; left out is AlwaysPreTouch, which would make the whole heap
 * resident whether it is used or not. All other settings are its defaults, apart from those named
 * in {@link #settings}.
 */
public final class RocketMqServer implements Server {
  private static final String NAME_SERVER_HEAP = "256m";
  private static final String BROKER_HEAP = "1g";

  /** By default it refuses what waited 200 ms, and on a busy machine the warm-up would fail. */
  private static final int QUEUE_WAIT_MS = 5000;

  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final List<String> OPENS =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");
  private static final List<String> BROKER_FLAGS =
      List.of(
          "-XX:+UseG1GC",
          "-XX:G1HeapRegionSize=16m",
          "-XX:G1ReservePercent=25",
          "-XX:InitiatingHeapOccupancyPercent=30",
          "-XX:SoftRefLRUPolicyMSPerMB=0",
          "-XX:-OmitStackTraceInFastThrow",
          "-XX:MaxDirectMemorySize=1g",
          "-XX:-UseLargePages");

  private final Path libraries;
  private final String version;

  /**
   * @param libraries a directory with all of its jars
   */
  public RocketMqServer(Path libraries, String version) {
    this.libraries = libraries;
    this.version = version;
  }

  @Override
  public String name() {
    return "rocketmq";
  }

  @Override
  public String settings() {
    return "RocketMQ "
        + version
        + ": name server -Xms/-Xmx"
        + NAME_SERVER_HEAP
        + ", broker -Xms/-Xmx"
        + BROKER_HEAP
        + " "
        + String.join(" ", BROKER_FLAGS)
        + "; waitTimeMillsInSendQueue="
        + QUEUE_WAIT_MS
        + ", flushDiskType and defaultTopicQueueNums as the workload says, else defaults";
  }

  @Override
  public RunningServer start(ServerOptions options, Path directory)
      throws IOException, InterruptedException {
    int nameServerPort = FreePorts.find();
    int brokerPort = FreePorts.find(-2, 1);
    Path nameServerSettings = directory.resolve("namesrv.properties");
    Files.writeString(
        nameServerSettings, "bindAddress=127.0.0.1\nlistenPort=" + nameServerPort + "\n");
    Path brokerSettings = directory.resolve("broker.properties");
    Files.writeString(
        brokerSettings, brokerSettings(options, directory, nameServerPort, brokerPort));

    long began = System.nanoTime();
    long deadline = began + START_TIMEOUT.toNanos();
    List<ServerProcess> processes = new ArrayList<>();
    try {
      ServerProcess nameServer =
          launch(
              directory,
              "namesrv",
              List.of("-Xms" + NAME_SERVER_HEAP, "-Xmx" + NAME_SERVER_HEAP, "-XX:+UseG1GC"),
              "org.apache.rocketmq.namesrv.NamesrvStartup",
              nameServerSettings);
      processes.add(nameServer);
      FirstMessage.awaitListening(nameServerPort, nameServer, deadline);
      List<String> brokerFlags =
          new ArrayList<>(List.of("-Xms" + BROKER_HEAP, "-Xmx" + BROKER_HEAP));
      brokerFlags.addAll(BROKER_FLAGS);
      brokerFlags.addAll(options.jvmOptions());
      ServerProcess broker =
          launch(
              directory,
              "broker",
              brokerFlags,
              "org.apache.rocketmq.broker.BrokerStartup",
              brokerSettings);
      processes.add(broker);
      FirstMessage.awaitAccepted(nameServerPort, brokerPort, broker, deadline);
      long startMillis = (System.nanoTime() - began) / 1_000_000;
      return new RunningServer("127.0.0.1:" + nameServerPort, List.of(), processes, startMillis);
    } catch (IOException | InterruptedException | RuntimeException e) {
      processes.forEach(ServerProcess::close);
      throw e;
    }
  }

  private static String brokerSettings(
      ServerOptions options, Path directory, int nameServerPort, int brokerPort) {
    return String.join(
        "\n",
        "brokerClusterName=DefaultCluster",
        "brokerName=broker-0",
        "brokerId=0",
        "bindAddress=127.0.0.1",
        "brokerIP1=127.0.0.1",
        "brokerIP2=127.0.0.1",
        "listenPort=" + brokerPort,
        "namesrvAddr=127.0.0.1:" + nameServerPort,
        "storePathRootDir=" + directory.resolve("store"),
        "flushDiskType=" + options.flush() + "_FLUSH",
        "autoCreateTopicEnable=true",
        "waitTimeMillsInSendQueue=" + QUEUE_WAIT_MS,
        "defaultTopicQueueNums=" + options.queuesPerTopic(),
        "");
  }

  private ServerProcess launch(
      Path directory, String name, List<String> flags, String mainClass, Path settings)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Java.executable());
    command.add("-server");
    command.addAll(flags);
    command.addAll(OPENS);
    command.add("-Duser.home=" + directory); // its logs go there
    command.add("-cp");
    command.add(libraries + "/*");
    command.add(mainClass);
    command.add("-c");
    command.add(settings.toString());
    return ServerProcess.start(
        command,
        Map.of("ROCKETMQ_HOME", directory.toString()),
        directory,
        directory.resolve(name + ".out"));
  }
}
