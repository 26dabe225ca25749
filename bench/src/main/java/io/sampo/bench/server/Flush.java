package io.sampo.bench.server;

import java.util.Locale;

/** When a server answers a send: once it is on disk, or once it is in memory. */
public enum Flush {
  ASYNC,
  SYNC;

  /** As the command line and the results write it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Flush of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
