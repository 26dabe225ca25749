package io.sampo.bench;

import io.sampo.bench.load.LoadAmount;
import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.LoadResult.Figure;
import io.sampo.bench.load.LoadSpec;
import io.sampo.bench.load.Workload;
import io.sampo.bench.server.CopyTraffic;
import io.sampo.bench.server.Flush;
import io.sampo.bench.server.LoadProcess;
import io.sampo.bench.server.LoadProcess.Stretch;
import io.sampo.bench.server.RunningServer;
import io.sampo.bench.server.Server;
import io.sampo.bench.server.Server.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs trials, each against a server of its own in an empty directory, one at a time. A trial that
 * fails is a result as well: an invalid one; its logs are kept. Closing ends the timer's thread.
 */
final class TrialRunner implements AutoCloseable {
  /** On top of the time that a load is told to take: backlogs, opening topics, checks. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  private final Layout layout;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "load-deadline");
            thread.setDaemon(true);
            return thread;
          });
  private int trials;

  TrialRunner(Layout layout) throws IOException {
    this.layout = layout;
    deleteAbandoned();
  }

  /**
   * What a trial needs to know beside the server.
   *
   * @param client "official" or "sampo"
   * @param jvmOptions additional ones for the server
   */
  record Conditions(
      Workload workload, Flush flush, String client, LoadAmount amount, List<String> jvmOptions) {}

  /** Runs one trial unwatched. */
  LoadResult run(Server server, Conditions conditions) throws IOException, InterruptedException {
    return run(server, conditions, running -> Stretch.UNWATCHED);
  }

  /**
   * Runs one trial.
   *
   * @param watch gives, for the server once it runs, what to do while the load is measured
   */
  LoadResult run(Server server, Conditions conditions, Function<RunningServer, Stretch> watch)
      throws IOException, InterruptedException {
    trials++;
    Path directory =
        Files.createDirectories(layout.runs())
            .resolve(
                String.format(
                    "%d-%03d-%s-%s",
                    ProcessHandle.current().pid(),
                    trials,
                    conditions.workload().name(),
                    server.name()));
    Path serverDirectory = Files.createDirectories(directory.resolve("server"));
    LoadResult result;
    ServerOptions options =
        new ServerOptions(
            conditions.flush(), conditions.workload().queuesPerTopic(), conditions.jvmOptions());
    try (RunningServer running = server.start(options, serverDirectory)) {
      LoadSpec spec =
          new LoadSpec(
              conditions.workload().name(),
              conditions.client(),
              running.nameServer(),
              running.pids(),
              conditions.amount());
      CopyTraffic copies = new CopyTraffic(running.managementPorts());
      result = load(conditions).run(spec, directory, Stretch.both(copies, watch.apply(running)));
      result.put(Figure.START_MILLIS, (double) running.startMillis());
      if (!Double.isNaN(copies.copiedBytesPerStoredByte())) {
        result.put(Figure.COPIED_BYTES_PER_STORED_BYTE, copies.copiedBytesPerStoredByte());
      }
    } catch (IOException e) {
      result = new LoadResult();
      result.invalid(String.valueOf(e.getMessage()));
    }
    if (result.isValid()) {
      delete(directory);
    } else {
      deleteData(serverDirectory);
      System.out.println("  the logs are in " + directory);
    }
    return result;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private LoadProcess load(Conditions conditions) throws IOException {
    Duration deadline =
        GRACE.plus(conditions.amount().warmUp()).plus(conditions.amount().measured());
    return new LoadProcess(layout.loadClassPath(conditions.client()), deadline, timer);
  }

  /** Removes the data of runs that were interrupted; a running one is named after its process. */
  private void deleteAbandoned() throws IOException {
    if (!Files.exists(layout.runs())) {
      return;
    }
    List<Path> directories;
    try (Stream<Path> found = Files.list(layout.runs())) {
      directories = found.toList();
    }
    for (Path directory : directories) {
      String name = directory.getFileName().toString();
      long pid = Long.parseLong(name.substring(0, name.indexOf('-')));
      if (ProcessHandle.of(pid).isEmpty()) {
        deleteData(directory.resolve("server"));
      }
    }
  }

  /** Removes what servers stored and leaves their logs. */
  static void deleteData(Path server) throws IOException {
    delete(server.resolve("store"));
    if (Files.exists(server)) {
      List<Path> nodes;
      try (Stream<Path> found = Files.list(server)) {
        nodes = found.toList();
      }
      for (Path node : nodes) {
        delete(node.resolve("data"));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (UncheckedIOException e) {
      throw new IOException("can't remove " + directory, e.getCause());
    }
  }
}
