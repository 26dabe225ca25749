package io.sampo.wire;

/**
 * A header field is missing or can't be read. The answer is SYSTEM_ERROR with this message; the
 * connection stays.
 */
public final class BadHeaderException extends RuntimeException {
  public BadHeaderException(String message) {
    super(message);
  }
}
