package io.sampo.storage.log;

import java.io.IOException;

/**
 * The disk has no room for the append. Nothing was written; the log goes on serving reads, and
 * appends once there is room.
 */
public final class LogFullException extends IOException {
  public LogFullException(String message) {
    super(message);
  }

  public LogFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
