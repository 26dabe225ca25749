package io.sampo.storage.log;

import java.io.IOException;

/**
 * The disk failed a write or a flush. Final for this log: the kernel may have dropped the dirty
 * pages, so trying again would lie.
 */
public final class LogFailedException extends IOException {
  public LogFailedException(String message) {
    super(message);
  }

  public LogFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
