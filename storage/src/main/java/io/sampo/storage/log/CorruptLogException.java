package io.sampo.storage.log;

import java.io.IOException;

/**
 * A record below the flushed position is damaged. The message names the file, the position, what
 * was expected and what was found.
 */
public final class CorruptLogException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final long UNKNOWN = -1;

  private final long position;

  public CorruptLogException(String message) {
    super(message);
    this.position = UNKNOWN;
  }

  /**
   * @param position where the first damaged frame starts
   */
  public CorruptLogException(long position, String message) {
    super(message);
    this.position = position;
  }

  public CorruptLogException(String message, Throwable cause) {
    super(message, cause);
    this.position = UNKNOWN;
  }

  /** Where the first damaged frame starts; -1 when what is damaged isn't the log itself. */
  public long position() {
    return position;
  }
}
