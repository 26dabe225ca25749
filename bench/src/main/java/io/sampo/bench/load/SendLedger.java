package io.sampo.bench.load;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * What became of every send. Any thread writes; exact once all sends have ended. Latencies are kept
 * apart because they count only while the run measures.
 */
final class SendLedger {
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
  private final Recorder latencies;

  SendLedger(Recorder latencies) {
    this.latencies = latencies;
  }

  /**
   * Books one send, or a batch that ends as one.
   *
   * @param fromNanos what its latency counts from
   */
  void ended(int messages, long fromNanos, @Nullable Throwable failure) {
    if (failure == null) {
      acknowledged.add(messages);
      latencies.recordValue(Math.max(0, System.nanoTime() - fromNanos));
    } else {
      refused(messages, failure);
    }
  }

  /** Books sends whose latency isn't what is measured. */
  void ended(int messages, @Nullable Throwable failure) {
    if (failure == null) {
      acknowledged.add(messages);
    } else {
      refused(messages, failure);
    }
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  long failed() {
    return failed.sum();
  }

  @Nullable Throwable firstFailure() {
    return firstFailure.get();
  }

  private void refused(int messages, Throwable failure) {
    failed.add(messages);
    firstFailure.compareAndSet(null, failure);
  }
}
