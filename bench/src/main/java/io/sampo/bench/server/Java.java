package io.sampo.bench.server;

import java.nio.file.Path;

/** The Java that everything is run with: the one that runs this. */
public final class Java {
  private Java() {}

  /** The path of its launcher. */
  public static String executable() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
