package io.sampo.cluster.journal;

/**
 * A journal or snapshot store could not do what it was asked; the message says why. The persistent
 * actor fails and decides what then, usually by starting again under the next leadership.
 */
public final class PersistenceRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public PersistenceRefusedException(String message) {
    super(message);
  }
}
