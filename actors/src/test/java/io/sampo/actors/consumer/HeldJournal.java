package io.sampo.actors.consumer;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.pekko.persistence.testkit.JournalOperation;
import org.apache.pekko.persistence.testkit.ProcessingPolicy;
import org.apache.pekko.persistence.testkit.ProcessingResult;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.WriteEvents;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;

/** Holds a journal's writes or reads up until the test lets them go. */
final class HeldJournal {
  private static final long PATIENCE_SECONDS = 20;

  private final PersistenceTestKit journal;
  private final CountDownLatch writing = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  HeldJournal(PersistenceTestKit journal) {
    this.journal = journal;
  }

  /** From now on writes wait. */
  void hold() {
    hold(operation -> operation instanceof WriteEvents);
  }

  /** From now on reads wait. */
  void holdReads() {
    hold(operation -> !(operation instanceof WriteEvents));
  }

  /** Waits until a write waits. */
  void awaitWrite() {
    await(writing);
  }

  /** Nothing waits any more. */
  void letGo() {
    released.countDown();
  }

  private void hold(Predicate<JournalOperation> held) {
    journal.withPolicy(
        new ProcessingPolicy<>() {
          @Override
          public ProcessingResult tryProcess(String persistenceId, JournalOperation operation) {
            if (held.test(operation)) {
              writing.countDown();
              HeldJournal.await(released);
            }
            return ProcessingSuccess.getInstance();
          }
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("nothing happened");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
