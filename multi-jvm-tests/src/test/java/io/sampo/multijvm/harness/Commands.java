package io.sampo.multijvm.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Short commands of the operating system. */
final class Commands {
  private static final int LIMIT_SECONDS = 20;

  private Commands() {}

  /** Runs a command; it fails when the command does, with what that said. */
  static void run(String... command) {
    String refusal = refusal(command);
    if (!refusal.isEmpty()) {
      throw new IllegalStateException(String.join(" ", command) + ": " + refusal);
    }
  }

  /** Runs a command; what it said if it failed, empty if it didn't. */
  static String refusal(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "still running after " + LIMIT_SECONDS + " s";
      }
      return process.exitValue() == 0 ? "" : "exit code " + process.exitValue() + ", " + said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
