package io.sampo.bench.failover;

import io.sampo.bench.server.Java;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The process of a {@link FailoverLoad}, and what it says while it runs. */
final class LoadClients implements AutoCloseable {
  private static final int END_SECONDS = 120;

  private final Process process;
  private final Path log;
  private final Path output;
  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private final Thread end;

  LoadClients(String classPath, String nameServers, int perSecond, Path directory)
      throws IOException {
    log = directory.resolve("sends.txt");
    output = directory.resolve("load.txt");
    process =
        new ProcessBuilder(
                List.of(
                    Java.executable(),
                    "-Xmx1g",
                    "-Duser.home=" + directory, // the official client's log goes there
                    "-Drocketmq.client.logLevel=WARN",
                    "-cp",
                    classPath,
                    FailoverLoad.class.getName(),
                    nameServers,
                    Integer.toString(perSecond),
                    log.toString()))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    end = new Thread(process::destroyForcibly, "end-load");
    Runtime.getRuntime().addShutdownHook(end);
    Thread reader = new Thread(this::follow, "load-output");
    reader.setDaemon(true);
    reader.start();
  }

  private void follow() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      Files.writeString(output, "");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("@acknowledged")) {
          for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
              acknowledged.put(word.substring(0, equals), Long.valueOf(word.substring(equals + 1)));
            }
          }
        } else {
          Files.writeString(output, line + "\n", StandardOpenOption.APPEND);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many sends a log group acknowledged so far. */
  long acknowledged(String logGroup) {
    return acknowledged.getOrDefault(logGroup, 0L);
  }

  void checkAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("the load ended; see " + output);
    }
  }

  /** Ends the sends and gives what came of all. */
  SendLog finish() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the load doesn't end; see " + output);
    }
    return SendLog.read(log);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    Runtime.getRuntime().removeShutdownHook(end);
  }
}
