package io.sampo.cluster.net;

/** The other side doesn't keep to the format of frames. */
public class BrokenFrameException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BrokenFrameException(String message) {
    super(message);
  }
}
