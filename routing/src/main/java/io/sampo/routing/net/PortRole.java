package io.sampo.routing.net;

import org.jspecify.annotations.Nullable;

/**
 * What a listening port stands for. The port that a request arrives at says which log group it
 * means; names in the request don't, because many clients send none or a stale one.
 *
 * @param logGroup the log group, or null for the name-server port
 */
public record PortRole(@Nullable String logGroup) {
  /** Routes only. */
  public static final PortRole NAME_SERVER = new PortRole(null);

  /** The port of a log group. */
  public static PortRole logGroup(String name) {
    return new PortRole(name);
  }

  @Override
  public String toString() {
    return logGroup == null ? "name server" : logGroup;
  }
}
