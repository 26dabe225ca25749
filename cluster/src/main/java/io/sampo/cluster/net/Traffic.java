package io.sampo.cluster.net;

import java.util.concurrent.atomic.LongAdder;

/** How many bytes went over connections since they were first counted. Any thread. */
public final class Traffic {
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();

  void sent(long bytes) {
    sentBytes.add(bytes);
  }

  void received(long bytes) {
    receivedBytes.add(bytes);
  }

  /** What the system took over to be sent. */
  public long sentBytes() {
    return sentBytes.sum();
  }

  public long receivedBytes() {
    return receivedBytes.sum();
  }
}
