package io.sampo.wire;

/**
 * What arrived is not a frame of the protocol. There is no telling where the next one would start,
 * so the connection is closed.
 */
public final class FrameException extends RuntimeException {
  public FrameException(String message) {
    super(message);
  }
}
