package io.sampo.multijvm.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One Sampo node in a JVM of its own: started as its launcher starts it, killed as a crash kills
 * it, started again on the same ports and the same directory. Its output goes to a file that is
 * named when something fails and kept after the run; its data is removed at the end.
 *
 * <p>The process is always ended by its own handle: by {@link #close}, or by a shutdown hook when
 * the test run dies first. Not for use by several threads at once, but a kill may come from another
 * thread than the one that uses the node.
 */
public final class NodeProcess implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final String BROKER_PORT = "sampo.broker.port";
  private static final int LOG_GROUP_PORT_DISTANCE = 10;
  private static final List<String> PORTS =
      List.of(
          "sampo.name-server.port",
          "sampo.cluster.port",
          "sampo.replication.port",
          "sampo.management.port");
  private static final AtomicInteger NODES = new AtomicInteger();

  private volatile NodeOptions options;
  private final Path directory;
  private final Map<String, PortLease> ports = new LinkedHashMap<>();
  private final List<PortLease> brokerPorts;
  private final Thread endWithTests = new Thread(this::endNow, "end-node");
  private int starts;
  private volatile @Nullable Process process;
  private volatile @Nullable NodeOutput output;

  private NodeProcess(String name, NodeOptions options) throws IOException {
    this.options = options;
    Path workDirectory = Path.of(System.getProperty("node.work-dir", "target/nodes"));
    this.directory =
        Files.createDirectories(
            workDirectory.resolve(
                name + "-" + ProcessHandle.current().pid() + "-" + NODES.incrementAndGet()));
    for (String setting : PORTS) {
      ports.put(setting, PortLease.take());
    }
    brokerPorts = PortLease.takeRow(options.logGroups(), LOG_GROUP_PORT_DISTANCE);
    ports.put(BROKER_PORT, brokerPorts.get(0));
    Runtime.getRuntime().addShutdownHook(endWithTests);
  }

  /**
   * Starts a node and returns when it says that it is ready. The name goes into its directory's.
   */
  public static NodeProcess start(String name, NodeOptions options) {
    NodeProcess node = prepare(name, options);
    node.start();
    return node;
  }

  /** A node with its ports and its directory that was not started yet. */
  public static NodeProcess prepare(String name, NodeOptions options) {
    try {
      return new NodeProcess(name, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a node with {@link NodeOptions#defaults()}. */
  public static NodeProcess start(String name) {
    return start(name, NodeOptions.defaults());
  }

  /** Has the next start use other settings; place and ports stay. */
  public void configure(String setting, String value) {
    options = options.with(setting, value);
  }

  /** Has the next start be elsewhere, with the same ports and data; it must not be running. */
  public void moveTo(NodePlace place) {
    if (isAlive()) {
      throw new IllegalStateException("the node is running");
    }
    options = options.at(place);
  }

  /** Starts the node again where it was and waits until it is ready; it must not be running. */
  public void start() {
    launch();
    awaitReady();
  }

  /** Starts the node again where it was and doesn't wait; it must not be running. */
  public void launch() {
    if (isAlive()) {
      throw new IllegalStateException("the node is running");
    }
    starts++;
    Path outputFile = directory.resolve("output-" + starts + ".txt");
    try {
      Process started =
          new ProcessBuilder(command())
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      process = started;
      started.getOutputStream().close();
      output = NodeOutput.follow(started, outputFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the launched node says that it is ready. */
  public void awaitReady() {
    NodeOutput current = currentOutput();
    try {
      current.ready().get(READY_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new AssertionError("the node did not become ready; " + current.tail(), e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the node started", e);
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>(options.place().launcher());
    command.addAll(Program.command(options.heapMegabytes()));
    command.add("server");
    options.file().ifPresent(file -> command.addAll(List.of("-c", file.toString())));
    command.add("-Dsampo.node.host=" + host());
    command.add("-Dsampo.data-dir=" + dataDirectory());
    ports.forEach((setting, lease) -> command.add("-D" + setting + "=" + lease.port()));
    options.settings().forEach((name, value) -> command.add("-D" + name + "=" + value));
    return command;
  }

  /** Ends the node as a crash does ({@code kill -9}) and returns when it is gone. */
  public void kill() {
    Process running = running();
    running.destroyForcibly();
    awaitExit(running);
  }

  /**
   * Asks the node to stop (SIGTERM) and returns its exit code.
   *
   * @throws AssertionError when it still runs after the time a clean stop may take
   */
  public int stop() {
    Process running = running();
    running.destroy();
    return awaitExit(running);
  }

  /**
   * Waits for a node that ends by itself and returns its exit code.
   *
   * @throws AssertionError when it still runs after the time a clean stop may take
   */
  public int awaitEnd() {
    Process ending = process;
    if (ending == null) {
      throw new IllegalStateException("the node was never started");
    }
    return awaitExit(ending);
  }

  private int awaitExit(Process ending) {
    try {
      if (!ending.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the node did not end; " + outputTail());
      }
      return ending.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the node ended", e);
    }
  }

  private Process running() {
    Process running = process;
    if (running == null || !running.isAlive()) {
      throw new IllegalStateException("the node is not running; " + outputTail());
    }
    return running;
  }

  public boolean isAlive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /** Memory and CPU of the running node, as the operating system counts them. */
  public ProcessFigures figures() {
    return ProcessFigures.of(running().pid());
  }

  /** The address of all of its ports. */
  public String host() {
    return options.place().host();
  }

  /** Where it keeps everything. */
  public Path dataDirectory() {
    return directory.resolve("data");
  }

  /** Throws everything away that a node, which must not be running, has written: an empty disk. */
  public void wipe() {
    if (isAlive()) {
      throw new IllegalStateException("the node is running");
    }
    try {
      deleteTree(dataDirectory());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the process from doing anything (SIGSTOP); its connections stay open. */
  public void pause() {
    signal("STOP");
  }

  /** Lets a paused process go on (SIGCONT), as if nothing had happened. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    Commands.run("kill", "-" + name, Long.toString(running().pid()));
  }

  /** What a client sets as its name-server address. */
  public String nameServer() {
    return host() + ":" + port("sampo.name-server.port");
  }

  public int nameServerPort() {
    return port("sampo.name-server.port");
  }

  public int brokerPort() {
    return port(BROKER_PORT);
  }

  /** The port for clients of one of its log groups. */
  public int brokerPort(int logGroup) {
    return brokerPorts.get(logGroup).port();
  }

  /** The addresses at which clients reach it for its log groups, in their order. */
  public List<String> brokerAddresses() {
    return brokerPorts.stream().map(lease -> host() + ":" + lease.port()).toList();
  }

  /** Every port of the node by the name of its setting. */
  public Map<String, Integer> ports() {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    ports.forEach((setting, lease) -> numbers.put(setting, lease.port()));
    return numbers;
  }

  private int port(String setting) {
    PortLease lease = ports.get(setting);
    if (lease == null) {
      throw new IllegalArgumentException("no such port: " + setting);
    }
    return lease.port();
  }

  /** The line with which the node said that it is ready. */
  public String readyLine() {
    return currentOutput().ready().join();
  }

  private NodeOutput currentOutput() {
    NodeOutput current = output;
    if (current == null) {
      throw new IllegalStateException("the node was never started");
    }
    return current;
  }

  /** How many lines of the current run's output have this text. */
  public long linesWith(String text) {
    return currentOutput().linesWith(text);
  }

  /** Where the output of the current run is and how it ends, for a failure's message. */
  public String outputTail() {
    NodeOutput current = output;
    return current == null ? "the node was never started" : current.tail();
  }

  private void endNow() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }

  /** Ends the node if it still runs, removes its data, keeps its output. */
  @Override
  public void close() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      awaitExit(running);
    }
    process = null;
    ports.values().forEach(PortLease::close);
    brokerPorts.forEach(PortLease::close); // the first for the second time, which is fine
    try {
      Runtime.getRuntime().removeShutdownHook(endWithTests);
      deleteTree(dataDirectory());
    } catch (IllegalStateException shuttingDown) {
      return; // the hook itself does the rest
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
