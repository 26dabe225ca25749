package io.sampo.actors.group;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The pulls that wait at one queue for messages to come, in the order they came. Owned by the
 * queue's actor and used by it alone.
 *
 * <p>One timer serves all of them: it stands at or before the earliest deadline, is moved only when
 * a pull comes whose wait ends sooner, and set anew when it fires while pulls still wait. So a pull
 * that is answered by a message costs no timer, and a queue where nothing waits has none.
 */
final class ParkedPulls {
  /** A pull that waits: {@code reached} moves on as entries come that don't match its filter. */
  static final class ParkedPull {
    final Queue.Pull pull;
    final long deadlineMs;
    long reached;

    private ParkedPull(Queue.Pull pull, long reached, long deadlineMs) {
      this.pull = pull;
      this.reached = reached;
      this.deadlineMs = deadlineMs;
    }
  }

  private static final long NOT_SET = Long.MAX_VALUE;

  private final List<ParkedPull> waiting = new ArrayList<>(2);
  private final QueueSettings settings;
  private final LongSupplier clockMs;
  private final TimerScheduler<Queue.Command> timers;
  private final Queue.Command waitIsOver;
  private long timerAtMs = NOT_SET;

  /**
   * @param timers the queue's timers
   * @param waitIsOver what the queue is told when the earliest wait may be over, upon which it
   *     calls {@link #removeDue}
   */
  ParkedPulls(
      QueueSettings settings,
      LongSupplier clockMs,
      TimerScheduler<Queue.Command> timers,
      Queue.Command waitIsOver) {
    this.settings = settings;
    this.clockMs = clockMs;
    this.timers = timers;
    this.waitIsOver = waitIsOver;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean isFull() {
    return waiting.size() >= settings.parkedPullsMax();
  }

  /**
   * Lets a pull wait as long as it asks for, at most as long as the settings allow. The caller has
   * checked that there is room.
   *
   * @param reached the offset below which nothing matched
   */
  void park(Queue.Pull pull, long reached) {
    if (isFull()) {
      throw new IllegalStateException(waiting.size() + " pulls wait already");
    }
    long nowMs = clockMs.getAsLong();
    long deadlineMs = nowMs + Math.min(pull.waitMillis(), settings.waitMax().toMillis());
    waiting.add(new ParkedPull(pull, reached, deadlineMs));
    setTimer(deadlineMs, nowMs);
  }

  /** Shows every waiting pull once, in order; those for which it says true were answered and go. */
  void removeAnswered(Predicate<ParkedPull> answer) {
    waiting.removeIf(answer);
  }

  /** Shows the pulls whose wait is over, which are to be answered now, and sets the timer anew. */
  void removeDue(Consumer<ParkedPull> answer) {
    timerAtMs = NOT_SET;
    long nowMs = clockMs.getAsLong();
    long nextMs = NOT_SET;
    int kept = 0;
    for (int i = 0; i < waiting.size(); i++) {
      ParkedPull parked = waiting.get(i);
      if (parked.deadlineMs <= nowMs) {
        answer.accept(parked);
      } else {
        nextMs = Math.min(nextMs, parked.deadlineMs);
        waiting.set(kept++, parked);
      }
    }
    waiting.subList(kept, waiting.size()).clear();
    if (nextMs != NOT_SET) {
      setTimer(nextMs, nowMs);
    }
  }

  private void setTimer(long deadlineMs, long nowMs) {
    if (deadlineMs < timerAtMs) {
      timerAtMs = deadlineMs;
      timers.startSingleTimer(waitIsOver, Duration.ofMillis(deadlineMs - nowMs));
    }
  }
}
