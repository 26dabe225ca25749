package io.sampo.storage.log;

import java.io.IOException;

/**
 * A record below the flushed position is damaged. The message names the file, the position, what
 * was expected and what was found.
 */
public final class CorruptLogException extends IOException {
  public CorruptLogException(String message) {
    super(message);
  }

  public CorruptLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
