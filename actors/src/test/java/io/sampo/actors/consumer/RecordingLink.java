package io.sampo.actors.consumer;

import java.util.concurrent.atomic.AtomicInteger;

/** A member's connection that counts what it was told. */
final class RecordingLink implements ConsumerGroup.MemberLink {
  private final AtomicInteger changes = new AtomicInteger();
  private final AtomicInteger resets = new AtomicInteger();

  @Override
  public void groupChanged(String group) {
    changes.incrementAndGet();
  }

  @Override
  public void offsetsReset(String group) {
    resets.incrementAndGet();
  }

  /** How often it was told of resets since the last time that this was asked. */
  int takeResets() {
    return resets.getAndSet(0);
  }

  /** How often it was told since the last time that this was asked. */
  int takeChanges() {
    return changes.getAndSet(0);
  }
}
