package io.sampo.cluster.replication;

/**
 * A command that somebody outside waits for. When its actor is gone it ends up in the dead letters,
 * where a listener of the node calls {@link #undelivered()}: buffers go back and the client hears
 * at once that it should try again.
 */
public interface Undeliverable {
  /**
   * Refuses the command as {@link AppendRefused#NOT_LEADING} would be and releases what it holds.
   * Any thread, once.
   */
  void undelivered();
}
