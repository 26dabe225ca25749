package io.sampo.wire;

import org.jspecify.annotations.Nullable;

/**
 * The body of a command can't be read. The answer is SYSTEM_ERROR with this message; the connection
 * stays.
 */
public final class BadBodyException extends RuntimeException {
  public BadBodyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
