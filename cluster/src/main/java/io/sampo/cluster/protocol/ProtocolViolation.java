package io.sampo.cluster.protocol;

/**
 * The protocol was broken, by a mistake in it or by a disk or a peer that did what none may do. The
 * replica must stop: it no longer knows what it stands for.
 */
public final class ProtocolViolation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProtocolViolation(String message) {
    super(message);
  }
}
