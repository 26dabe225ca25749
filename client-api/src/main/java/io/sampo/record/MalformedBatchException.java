package io.sampo.record;

/**
 * The body of a batch send does not follow its format. It was refused as a whole; the answer is
 * MESSAGE_ILLEGAL with this message and the connection stays.
 */
public final class MalformedBatchException extends RuntimeException {
  public MalformedBatchException(String message) {
    super(message);
  }
}
