package io.sampo.bench.server;

import io.sampo.bench.load.LoadMain;
import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.LoadSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs one load in a process of its own. What the process prints goes to a file; the lines that
 * mark the measured stretch are told to whoever wants to do something meanwhile.
 */
public final class LoadProcess {
  private final String classPath;
  private final Duration deadline;
  private final ScheduledExecutorService timer;

  /**
   * @param classPath with the client's libraries and this module
   * @param deadline when a load that doesn't end is ended
   * @param timer runs the deadline
   */
  public LoadProcess(String classPath, Duration deadline, ScheduledExecutorService timer) {
    this.classPath = classPath;
    this.deadline = deadline;
    this.timer = timer;
  }

  /** Told when the measured stretch begins and ends; called on the thread that runs the load. */
  public interface Stretch {
    /** Does nothing. */
    Stretch UNWATCHED =
        new Stretch() {
          @Override
          public void begins() {}

          @Override
          public void ends() {}
        };

    void begins() throws IOException;

    void ends() throws IOException;

    /** Tells two. */
    static Stretch both(Stretch first, Stretch second) {
      return new Stretch() {
        @Override
        public void begins() throws IOException {
          first.begins();
          second.begins();
        }

        @Override
        public void ends() throws IOException {
          first.ends();
          second.ends();
        }
      };
    }
  }

  /**
   * Runs it to its end.
   *
   * @return marked invalid when the load failed or had to be ended
   */
  public LoadResult run(LoadSpec spec, Path directory, Stretch stretch)
      throws IOException, InterruptedException {
    Path specFile = directory.resolve("load.properties");
    Path resultFile = directory.resolve("result.properties");
    Path log = directory.resolve("load.out");
    spec.write(specFile);
    Process process =
        new ProcessBuilder(command(directory, specFile, resultFile))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    Thread guard = new Thread(process::destroyForcibly, "end-load");
    Runtime.getRuntime().addShutdownHook(guard);
    var alarm = timer.schedule(process::destroyForcibly, deadline.toSeconds(), TimeUnit.SECONDS);
    try (BufferedReader out = new BufferedReader(process.inputReader(StandardCharsets.UTF_8));
        var copy = Files.newBufferedWriter(log)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        copy.write(line);
        copy.newLine();
        if (line.equals("@begin")) {
          stretch.begins();
        } else if (line.equals("@end")) {
          stretch.ends();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    int status = process.waitFor();
    alarm.cancel(false);
    Runtime.getRuntime().removeShutdownHook(guard);
    if (Files.exists(resultFile)) {
      return LoadResult.read(resultFile);
    }
    LoadResult failed = new LoadResult();
    String all = Files.readString(log);
    failed.invalid(
        "the load ended with status "
            + status
            + " (137: it took longer than "
            + deadline.toSeconds()
            + " s): "
            + all.substring(Math.max(0, all.length() - 1500)));
    return failed;
  }

  private List<String> command(Path directory, Path specFile, Path resultFile) {
    return List.of(
        Java.executable(),
        "-Xms512m",
        "-Xmx1g",
        "-XX:+UseParallelGC",
        "-Duser.home=" + directory, // the official client's log goes there
        "-Drocketmq.client.logLevel=WARN",
        "-cp",
        classPath,
        LoadMain.class.getName(),
        specFile.toString(),
        resultFile.toString());
  }
}
