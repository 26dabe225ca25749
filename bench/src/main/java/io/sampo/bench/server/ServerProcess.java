package io.sampo.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that we started, its output in a file. Closing ends exactly this process: first
 * politely, then not; and it doesn't outlive the JVM that started it, however that ends, short of
 * being killed.
 */
final class ServerProcess implements AutoCloseable {
  private static final long POLITE_SECONDS = 20;
  private static final int LOG_TAIL_BYTES = 4000;

  private final Process process;
  private final Path log;
  private final Thread guard;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.guard = new Thread(process::destroyForcibly, "end-" + process.pid());
  }

  static ServerProcess start(
      List<String> command, Map<String, String> environment, Path directory, Path log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    ServerProcess started = new ServerProcess(builder.start(), log);
    Runtime.getRuntime().addShutdownHook(started.guard);
    return started;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The end of what it printed, for error messages. */
  String logTail() throws IOException {
    String all = Files.readString(log);
    return all.substring(Math.max(0, all.length() - LOG_TAIL_BYTES));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(POLITE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Runtime.getRuntime().removeShutdownHook(guard);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IllegalStateException alreadyShuttingDown) {
      // The hooks are running, this one among them.
      process.destroyForcibly();
    }
  }
}
