package io.sampo.routing.request;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions that several requests have at the same time, asked once. The requests that wait are
 * answered in the order in which they came, and a later one of the same key never overtakes them as
 * long as it looks at {@link #isAsking} first; so a producer's first messages to a new topic keep
 * their order. Any thread.
 *
 * @param <K> what is asked about
 * @param <R> the answer
 */
final class SharedAsk<K, R> {
  private static final Logger LOG = LoggerFactory.getLogger(SharedAsk.class);

  /** Waits for an answer. Called once, on any thread. */
  @FunctionalInterface
  interface Receiver<R> {
    /**
     * @param answer null when there is none, because asking failed or too many wait
     */
    void onAnswer(@Nullable R answer);
  }

  /** The ones who wait for one answer; guarded by itself, null once it is answered. */
  private static final class Waiters<R> {
    @Nullable List<Receiver<R>> receivers = new ArrayList<>();
  }

  private final ConcurrentMap<K, Waiters<R>> asking = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final int waitingMax;

  SharedAsk(int waitingMax) {
    this.waitingMax = waitingMax;
  }

  /** True while somebody waits for an answer about the key. */
  boolean isAsking(K key) {
    return !asking.isEmpty() && asking.containsKey(key);
  }

  /**
   * Waits for the answer about a key, and asks unless that was done already.
   *
   * @param question asks; called at most once, before this returns
   */
  void ask(K key, Supplier<CompletionStage<R>> question, Receiver<R> receiver) {
    if (waiting.incrementAndGet() > waitingMax) {
      waiting.decrementAndGet();
      receiver.onAnswer(null);
      return;
    }
    while (true) {
      Waiters<R> created = new Waiters<>();
      Waiters<R> waiters = asking.putIfAbsent(key, created);
      boolean first = waiters == null;
      if (first) {
        waiters = created;
      }
      synchronized (waiters) {
        if (waiters.receivers != null) {
          waiters.receivers.add(receiver);
        } else {
          continue; // answered in between; it is about to leave the map
        }
      }
      if (first) {
        start(key, question, created);
      }
      return;
    }
  }

  private void start(K key, Supplier<CompletionStage<R>> question, Waiters<R> waiters) {
    CompletionStage<R> asked;
    try {
      asked = question.get();
    } catch (RuntimeException e) {
      answer(key, waiters, null);
      throw e;
    }
    var unused = asked.whenComplete((answer, failure) -> answer(key, waiters, answer));
  }

  private void answer(K key, Waiters<R> waiters, @Nullable R answer) {
    synchronized (waiters) {
      List<Receiver<R>> receivers = waiters.receivers;
      if (receivers == null) {
        return;
      }
      // Under the lock, so that nobody who comes now is served before those who waited.
      for (Receiver<R> receiver : receivers) {
        try {
          receiver.onAnswer(answer);
        } catch (RuntimeException e) {
          LOG.error(
              "an answer about {} was not received, its request runs into its deadline", key, e);
        }
      }
      waiting.addAndGet(-receivers.size());
      waiters.receivers = null;
      asking.remove(key, waiters);
    }
  }
}
